/** Opening: an engine on an empty database and on one with many finished runs, and a run on the latter. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { pawl } from '../../packages/pawl/src/index.ts';
import { median } from '../harness/statistics.ts';
import type { Workload } from '../harness/workload.ts';
import { inFlight } from './in-flight.ts';
import { short } from './many-runs.ts';
import { storeAt } from './pawl-bed.ts';

const OPENINGS = 5;
const WIDTH = 100;

async function runOnce(engine: Awaited<ReturnType<typeof pawl.open>>, n: number): Promise<void> {
  const run = await engine.start(short, { n });
  await run.result();
}

/** Finished runs, each of three steps. */
async function fill(store: string, runs: number): Promise<void> {
  const engine = await pawl.open({ store, workflows: [short] });
  await inFlight(runs, WIDTH, (n) => runOnce(engine, n));
  await engine.close();
}

/** Medians over several openings of the same file: until the engine is open, and the first run on it. */
async function openings(store: string): Promise<{ readonly open: number; readonly run: number }> {
  const opens: number[] = [];
  const runs: number[] = [];
  for (let n = 0; n < OPENINGS; n++) {
    const start = performance.now();
    const engine = await pawl.open({ store, workflows: [short] });
    const opened = performance.now();
    await runOnce(engine, n);
    runs.push(performance.now() - opened);
    opens.push(opened - start);
    await engine.close();
  }
  return { open: median(opens), run: median(runs) };
}

export const open: Workload = {
  id: 'open',
  isCold: true,
  pairs: 1,
  metrics: [
    { key: 'small', title: 'open, hardly any run in the database', unit: 'ms' },
    { key: 'full', title: 'open, with the finished runs', unit: 'ms', target: { atMost: 200 } },
    { key: 'firstSmall', title: 'first run after it (3 steps), hardly any', unit: 'ms' },
    { key: 'firstFull', title: 'first run after it (3 steps), with them', unit: 'ms' },
  ],
  pawl: async ({ folder, finishedRuns }) => {
    const [small, full] = ['small', 'full'].map((name) => {
      mkdirSync(join(folder, name));
      return storeAt(join(folder, name));
    });
    await fill(small ?? '', WIDTH);
    await fill(full ?? '', finishedRuns);
    return {
      measure: async () => {
        const few = await openings(small ?? '');
        const many = await openings(full ?? '');
        return { small: few.open, full: many.open, firstSmall: few.run, firstFull: many.run };
      },
      close: () => Promise.resolve(),
    };
  },
};
