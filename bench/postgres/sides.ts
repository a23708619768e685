/** Pawl and the toy journal on PostgreSQL, as sides of a workload. */
import { type AnyWorkflow, type Engine, pawl } from '../../packages/pawl/src/index.ts';
import type { Sample, Side } from '../harness/workload.ts';
import { newDatabase, newPawlDatabase } from './database.ts';
import { ServerJournal } from './journal.ts';

export function pawlSide(workflow: AnyWorkflow, measure: (engine: Engine) => Promise<Sample>): Side {
  return async (place) => {
    const database = await newPawlDatabase(place);
    const engine = await pawl.open({ store: database.url, workflows: [workflow] });
    const close = async (): Promise<void> => {
      await engine.close();
      await database.drop();
    };
    return { measure: () => measure(engine), close };
  };
}

/** What is measured gets the journal and a run number that was not used before. */
export function floorSide(measure: (journal: ServerJournal, newRun: () => number) => Promise<Sample>): Side {
  return async (place) => {
    const database = await newDatabase(place);
    const journal = await ServerJournal.open(database.url);
    let run = 0;
    const close = async (): Promise<void> => {
      await journal.close();
      await database.drop();
    };
    return { measure: () => measure(journal, () => ++run), close };
  };
}
