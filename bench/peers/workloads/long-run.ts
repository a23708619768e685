/** W6: whether a step costs the same late in a long run as early in it. */
import { median } from '../../harness/statistics.ts';
import { type Measure, runIds } from '../harness/measurement.ts';
import { createWork } from '../work.ts';

const EARLY = 10;
const WINDOW = 200;
/** The largest of these at which a run is expected to end in time is taken. */
const LATE = [5_000, 2_000, 780];
const PROBE_STEPS = 100;
/** What a run may take if its steps cost twice as much late as early. */
const RUN_MS = 10_000;

/** The long runs that the peer allows. */
function choices(maxSteps = Infinity): readonly number[] {
  return LATE.filter((late) => late + WINDOW + 1 <= maxSteps);
}

export const longRun: Measure = async ({ peer, place }) => {
  const work = createWork();
  const session = await peer.open({ place, work, concurrency: 1 });
  const newId = runIds('long');
  await session.run({ id: newId(), steps: PROBE_STEPS });
  const expected = 2 * median(work.takeGaps());
  const all = choices(peer.maxSteps);
  const late = all.find((one) => one * expected < RUN_MS) ?? all.at(-1) ?? WINDOW;
  await session.run({ id: newId(), steps: late + WINDOW + 1 });
  const gaps = work.takeGaps();
  await session.close();
  const early = median(gaps.slice(EARLY, EARLY + WINDOW));
  return { growth: median(gaps.slice(late, late + WINDOW)) / early, late };
};
