/** W5: what a step costs on the disk, all of the file counted: rows, indexes, the empty tables, half-full pages. */
import { join } from 'node:path';
import { pawl } from '../../packages/pawl/src/index.ts';
import { FLOOR_FILE, FloorJournal } from '../floor/journal.ts';
import { sequentialRun } from '../floor/runs.ts';
import type { Side, Workload } from '../harness/workload.ts';
import { fileBytes } from './file-size.ts';
import { MANY_STEPS, manyFloorRuns, manyPawlRuns, short } from './many-runs.ts';
import { PAWL_FILE, storeAt } from './pawl-bed.ts';
import { sequence } from './sequence.ts';

export const LONG_STEPS = 5_000;

/** Works once and looks at the file when it is closed, so it can be measured only once. */
function diskSide(file: string, steps: number, work: (folder: string) => Promise<void>): Side {
  return ({ folder }) =>
    Promise.resolve({
      measure: async () => {
        await work(folder);
        return { bytes: fileBytes(join(folder, file)) / steps };
      },
      close: () => Promise.resolve(),
    });
}

function floorDisk(
  steps: number,
  work: (journal: FloorJournal, newRun: () => number) => Promise<unknown>,
): Side {
  return diskSide(FLOOR_FILE, steps, async (folder) => {
    const journal = new FloorJournal(folder);
    let run = 0;
    await work(journal, () => ++run);
    journal.close();
  });
}

export const { workflow: long } = sequence();

export const diskOfManyRuns: Workload = {
  id: 'W5-many',
  isCold: true,
  pairs: 1,
  metrics: [
    { key: 'bytes', title: 'disk a step, 5,000 runs × 3 steps', unit: 'bytes', target: { atMost: 250 } },
  ],
  floor: floorDisk(MANY_STEPS, manyFloorRuns),
  pawl: diskSide(PAWL_FILE, MANY_STEPS, async (folder) => {
    const engine = await pawl.open({ store: storeAt(folder), workflows: [short] });
    await manyPawlRuns(engine);
    await engine.close();
  }),
};

export const diskOfOneRun: Workload = {
  id: 'W5-long',
  isCold: true,
  pairs: 1,
  metrics: [
    { key: 'bytes', title: 'disk a step, one run of 5,000 steps', unit: 'bytes', target: { atMost: 250 } },
  ],
  floor: floorDisk(LONG_STEPS, (journal, newRun) =>
    Promise.resolve(sequentialRun(journal, newRun(), LONG_STEPS)),
  ),
  pawl: diskSide(PAWL_FILE, LONG_STEPS, async (folder) => {
    const engine = await pawl.open({ store: storeAt(folder), workflows: [long] });
    const run = await engine.start(long, { steps: LONG_STEPS });
    await run.result();
    await engine.close();
  }),
};
