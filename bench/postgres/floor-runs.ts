/** Runs on the toy journal of the server: the same work as the workflows of the other side. */
import { overlappingRun } from '../floor/runs.ts';
import type { ServerJournal } from './journal.ts';

/** Steps one after the other. @returns the gaps between the end of one and the start of the next, in ms */
export async function sequentialRun(journal: ServerJournal, run: number, steps: number): Promise<number[]> {
  const gaps: number[] = [];
  for (let seq = 0; seq < steps; seq++) {
    const endedAt = performance.now();
    await journal.append([run, seq, `s${seq}`, JSON.stringify({ n: seq })]);
    gaps.push(performance.now() - endedAt);
  }
  return gaps;
}

/** Start, outcome and end of a run, each durable before the next. */
export function singleStepRun(journal: ServerJournal, run: number): Promise<void> {
  return overlappingRun(journal, run, 3);
}
