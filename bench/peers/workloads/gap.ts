/** W1: the gap between two steps of one run, and a run of one step from its start to its result. */
import { quantile } from '../../harness/statistics.ts';
import { type Measure, runIds } from '../harness/measurement.ts';
import { repeat } from '../harness/repeat.ts';
import { createWork } from '../work.ts';

const STEPS = 200;
const LEAST_SINGLES = 5;

export const gap: Measure = async ({ peer, place, ms }) => {
  const work = createWork();
  const session = await peer.open({ place, work, concurrency: 1 });
  const newId = runIds('gap');
  const gaps: number[] = [];
  const sequence = async (): Promise<void> => {
    await session.run({ id: newId(), steps: STEPS });
    gaps.push(...work.takeGaps());
  };
  await repeat({ ms, atLeast: 1 }, sequence);
  gaps.length = 0;
  await repeat({ ms, atLeast: 2 }, sequence);
  const single = (): Promise<void> => session.run({ id: newId(), steps: 1 });
  await repeat({ ms: ms / 4, atLeast: 1 }, single);
  const singles = await repeat({ ms: ms / 2, atLeast: LEAST_SINGLES }, single);
  await session.close();
  return { gap50: quantile(gaps, 0.5), gap95: quantile(gaps, 0.95), single: quantile(singles, 0.5) };
};
