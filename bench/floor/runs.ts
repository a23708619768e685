/** Runs on the toy journal: the same work as the workflows of the other side. */
import type { FloorJournal, Row } from './journal.ts';

/** A journal that commits in groups. */
export interface GroupJournal {
  append(row: Row): Promise<void>;
}

/** What one step is: a function that was called, and the text of what it returned. */
function outputOf(n: number): string {
  return JSON.stringify({ n });
}

/** Steps one after the other. @returns the gaps between the end of one and the start of the next, in ms */
export function sequentialRun(journal: FloorJournal, run: number, steps: number): number[] {
  const gaps: number[] = [];
  let endedAt: number | undefined;
  for (let seq = 0; seq < steps; seq++) {
    if (endedAt !== undefined) gaps.push(performance.now() - endedAt);
    const output = outputOf(seq);
    endedAt = performance.now();
    journal.write([run, seq, `s${seq}`, output]);
  }
  return gaps;
}

/** Start, outcome and end of a run, each durable before the next. */
export function singleStepRun(journal: FloorJournal, run: number): void {
  journal.write([run, 0, 'start', outputOf(run)]);
  journal.write([run, 1, 's0', outputOf(run)]);
  journal.write([run, 2, 'end', outputOf(run)]);
}

/** One of many runs that overlap. */
export async function overlappingRun(journal: GroupJournal, run: number, steps: number): Promise<void> {
  for (let seq = 0; seq < steps; seq++) await journal.append([run, seq, `s${seq}`, outputOf(seq)]);
}

export async function parallelRun(journal: GroupJournal, run: number, steps: number): Promise<void> {
  const seqs = Array.from({ length: steps }, (_, seq) => seq);
  await Promise.all(seqs.map((seq) => journal.append([run, seq, `s${seq}`, outputOf(seq)])));
}
