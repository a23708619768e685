/** W6: whether a step costs the same late in a long run as early in it. */
import { floorSide } from '../floor/bed.ts';
import { sequentialRun } from '../floor/runs.ts';
import { median } from '../harness/statistics.ts';
import type { Sample, Workload } from '../harness/workload.ts';
import { pawlSide } from './pawl-bed.ts';
import { sequence } from './sequence.ts';

const EARLY = 10;
const LATE = 5_000;
/** So many gaps on each side of the comparison: the machine's own hiccups are larger than what is looked for. */
const WINDOW = 200;
const STEPS = LATE + WINDOW + 1;

function sampleOf(gaps: readonly number[]): Sample {
  const early = median(gaps.slice(EARLY, EARLY + WINDOW));
  const late = median(gaps.slice(LATE, LATE + WINDOW));
  return { early, late, growth: late / early };
}

const { workflow, gaps } = sequence();

export const longRun: Workload = {
  id: 'W6',
  seasoning: 1,
  metrics: [
    { key: 'early', title: `gap from step ${EARLY} on, median of ${WINDOW}`, unit: 'ms' },
    { key: 'late', title: 'gap from step 5,000 on', unit: 'ms' },
    { key: 'growth', title: 'gap at step 5,000 against step 10', unit: '×', target: { atMost: 1.1 } },
  ],
  floor: floorSide((journal, newRun) => sampleOf(sequentialRun(journal, newRun(), STEPS))),
  pawl: pawlSide(workflow, async (engine) => {
    const run = await engine.start(workflow, { steps: STEPS });
    await run.result();
    return sampleOf(gaps());
  }),
};
