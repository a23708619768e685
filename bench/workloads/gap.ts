/** W1: the gap between two steps of one run. */
import type { Engine } from '../../packages/pawl/src/index.ts';
import { floorSide } from '../floor/bed.ts';
import { sequentialRun } from '../floor/runs.ts';
import { quantile } from '../harness/statistics.ts';
import type { Sample, Workload } from '../harness/workload.ts';
import { pawlSide } from './pawl-bed.ts';
import { sequence } from './sequence.ts';

export const STEPS = 500;

export function sampleOf(gaps: readonly number[]): Sample {
  return { p50: quantile(gaps, 0.5), p95: quantile(gaps, 0.95) };
}

export const { workflow, gaps } = sequence();

export async function measureGaps(engine: Engine): Promise<Sample> {
  const run = await engine.start(workflow, { steps: STEPS });
  await run.result();
  return sampleOf(gaps());
}

export const gap: Workload = {
  id: 'W1-gap',
  seasoning: 6,
  rounds: 5,
  metrics: [
    { key: 'p50', title: 'gap between two steps, p50', unit: 'ms', target: { atMost: 0.13 } },
    { key: 'p95', title: 'gap between two steps, p95', unit: 'ms' },
  ],
  floor: floorSide((journal, newRun) => sampleOf(sequentialRun(journal, newRun(), STEPS))),
  pawl: pawlSide(workflow, measureGaps),
};
