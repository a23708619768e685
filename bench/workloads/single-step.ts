/** W1: a run of one step, from its start to its result. */
import { type Engine, workflow } from '../../packages/pawl/src/index.ts';
import { floorSide } from '../floor/bed.ts';
import { singleStepRun } from '../floor/runs.ts';
import { quantile } from '../harness/statistics.ts';
import type { Sample, Workload } from '../harness/workload.ts';
import { pawlSide } from './pawl-bed.ts';

const RUNS = 300;

export const one = workflow({ name: 'one' }, async (ctx, input: { n: number }) => {
  return await ctx.step('s0', () => ({ n: input.n }));
});

export async function timeRuns(run: (index: number) => void | Promise<void>): Promise<Sample> {
  const times: number[] = [];
  for (let index = 0; index < RUNS; index++) {
    const start = performance.now();
    await run(index);
    times.push(performance.now() - start);
  }
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) };
}

export function measureSingleSteps(engine: Engine): Promise<Sample> {
  return timeRuns(async (n) => {
    const run = await engine.start(one, { n });
    await run.result();
  });
}

export const singleStep: Workload = {
  id: 'W1-run',
  seasoning: 6,
  rounds: 5,
  metrics: [
    { key: 'p50', title: '1-step run, start to result, p50', unit: 'ms', target: { atMost: 0.4 } },
    { key: 'p95', title: '1-step run, start to result, p95', unit: 'ms' },
  ],
  floor: floorSide((journal, newRun) => timeRuns(() => singleStepRun(journal, newRun()))),
  pawl: pawlSide(one, measureSingleSteps),
};
