/** What runs cost that only wait: the memory of each, and processor time. */
import { setTimeout as delay } from 'node:timers/promises';
import { pawl, workflow } from '../../packages/pawl/src/index.ts';
import type { Workload } from '../harness/workload.ts';
import { inFlight } from './in-flight.ts';
import { storeAt } from './pawl-bed.ts';

const RUNS = 10_000;
const WIDTH = 100;
const WATCH_MS = 10_000;
const EVICT_MS = 3_000;

const patient = workflow({ name: 'patient' }, async (ctx) => {
  await ctx.step('before', () => 1);
  return await ctx.signal('go');
});

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

export const waiting: Workload = {
  id: 'waiting',
  isCold: true,
  pairs: 1,
  metrics: [
    { key: 'resting', title: '10,000 waiting runs: memory of each, at first', unit: 'bytes' },
    {
      key: 'evicted',
      title: '10,000 waiting runs: memory of each, later',
      unit: 'bytes',
      target: { atMost: 2_048 },
    },
    { key: 'cpu', title: '10,000 waiting runs: processor time', unit: 'ms a second' },
  ],
  pawl: async ({ folder }) => {
    const engine = await pawl.open({
      store: storeAt(folder),
      workflows: [patient],
      worker: { evictAfter: EVICT_MS },
    });
    return {
      measure: async () => {
        const before = heapBytes();
        await inFlight(RUNS, WIDTH, async () => {
          await engine.start(patient, undefined);
        });
        await delay(EVICT_MS / 2);
        const resting = (heapBytes() - before) / RUNS;
        await delay(EVICT_MS * 2);
        const evicted = Math.max(0, heapBytes() - before) / RUNS;
        const cpu = process.cpuUsage();
        await delay(WATCH_MS);
        const { user, system } = process.cpuUsage(cpu);
        return { resting, evicted, cpu: (user + system) / 1_000 / (WATCH_MS / 1_000) };
      },
      close: () => engine.close(),
    };
  },
};
