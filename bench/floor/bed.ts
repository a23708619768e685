/** The toy journal as a side of a workload. */
import type { Sample, Side } from '../harness/workload.ts';
import { FloorJournal } from './journal.ts';

/** What is measured gets the journal and a run number that was not used before. */
export function floorSide(
  measure: (journal: FloorJournal, newRun: () => number) => Sample | Promise<Sample>,
): Side {
  return ({ folder }) => {
    const journal = new FloorJournal(folder);
    let run = 0;
    return Promise.resolve({
      measure: async () => await measure(journal, () => ++run),
      close: () => Promise.resolve(journal.close()),
    });
  };
}
