/** W3: one run with a thousand steps at the same time, and their join. */
import { median } from '../../harness/statistics.ts';
import type { Measure } from '../harness/measurement.ts';
import { repeat } from '../harness/repeat.ts';
import { createWork } from '../work.ts';

const STEPS = 1_000;
const SUM = (STEPS * (STEPS - 1)) / 2;
const WORKERS = 100;
const MOST_RUNS = 9;

export const fanOut: Measure = async ({ peer, place, ms }) => {
  const session = await peer.open({ place, work: createWork(), concurrency: WORKERS });
  const once = async (): Promise<void> => {
    const sum = await session.fanOut?.(STEPS);
    if (sum !== SUM) throw new Error(`a fan-out gave ${sum} instead of ${SUM}`);
  };
  await repeat({ ms, atLeast: 1, atMost: MOST_RUNS }, once);
  const times = await repeat({ ms, atLeast: 1, atMost: MOST_RUNS }, once);
  await session.close();
  return { fan: median(times) };
};
