/** How long a log of 50,000 steps takes to read and fold, in a process that has never seen it. */
import { pawl, workflow } from '../../packages/pawl/src/index.ts';
import type { Workload } from '../harness/workload.ts';
import { storeAt } from './pawl-bed.ts';

const STEPS = 50_000;
const WIDTH = 1_000;

const wide = workflow({ name: 'wide' }, async (ctx) => {
  for (let at = 0; at < STEPS; at += WIDTH)
    await Promise.all(Array.from({ length: WIDTH }, (_, n) => ctx.step(`s${at + n}`, () => ({ n }))));
  return STEPS;
});

export const foldLong: Workload = {
  id: 'fold',
  pairs: 1,
  isCold: true,
  metrics: [
    { key: 'ms', title: 'fold a run of 50,000 steps from disk', unit: 'ms', target: { atMost: 1_000 } },
  ],
  pawl: async ({ folder }) => {
    const writer = await pawl.open({ store: storeAt(folder), workflows: [wide] });
    const run = await writer.start(wide, undefined);
    await run.result();
    await writer.close();
    const reader = await pawl.open({ store: storeAt(folder) });
    return {
      measure: async () => {
        const start = performance.now();
        await reader.handle(run.id).result();
        return { ms: performance.now() - start };
      },
      close: () => reader.close(),
    };
  },
};
