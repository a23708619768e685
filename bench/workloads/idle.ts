/** What an engine costs that has nothing to do. */
import { setTimeout as delay } from 'node:timers/promises';
import { pawl } from '../../packages/pawl/src/index.ts';
import { StatementMeter } from '../harness/statement-meter.ts';
import type { Bed, Workload } from '../harness/workload.ts';
import { short } from './many-runs.ts';
import { storeAt } from './pawl-bed.ts';

const SETTLE_MS = 1_000;
/** As long as a worker's longest round. */
const WATCH_MS = 60_000;

export const idle: Workload = {
  id: 'idle',
  isCold: true,
  pairs: 1,
  metrics: [
    { key: 'queries', title: 'idle: SQLite statements', unit: 'a second', target: { atMost: 1 } },
    { key: 'cpu', title: 'idle: processor time', unit: 'ms a second' },
  ],
  pawl: ({ folder }) => idleBed(storeAt(folder)),
};

/** An engine that has done something, and has nothing to do any more. */
export async function idleBed(store: string): Promise<Bed> {
  const engine = await pawl.open({ store, workflows: [short] });
  const run = await engine.start(short, { n: 1 });
  await run.result();
  await delay(SETTLE_MS);
  return {
    measure: async () => {
      const meter = new StatementMeter();
      meter.start();
      const cpu = process.cpuUsage();
      await delay(WATCH_MS);
      const { user, system } = process.cpuUsage(cpu);
      const queries = meter.stop().reduce((sum, { count }) => sum + count, 0);
      const seconds = WATCH_MS / 1_000;
      return { queries: queries / seconds, cpu: (user + system) / 1_000 / seconds };
    },
    close: () => engine.close(),
  };
}
