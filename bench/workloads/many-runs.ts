/** W2: many short runs at the same time. */
import { type Engine, workflow } from '../../packages/pawl/src/index.ts';
import { floorSide } from '../floor/bed.ts';
import { type GroupJournal, overlappingRun } from '../floor/runs.ts';
import type { Sample, Workload } from '../harness/workload.ts';
import { inFlight } from './in-flight.ts';
import { pawlSide } from './pawl-bed.ts';

const RUNS = 5_000;
const WIDTH = 100;
const STEPS = 3;
export const MANY_STEPS = RUNS * STEPS;

export const short = workflow({ name: 'short' }, async (ctx, input: { n: number }) => {
  await ctx.step('s0', () => ({ n: input.n }));
  await ctx.step('s1', () => ({ n: input.n + 1 }));
  return await ctx.step('s2', () => ({ n: input.n + 2 }));
});

async function rate(job: (index: number) => Promise<void>): Promise<Sample> {
  const start = performance.now();
  await inFlight(RUNS, WIDTH, job);
  return { rate: MANY_STEPS / ((performance.now() - start) / 1_000) };
}

export function manyFloorRuns(journal: GroupJournal, newRun: () => number): Promise<Sample> {
  return rate(() => overlappingRun(journal, newRun(), STEPS));
}

export function manyPawlRuns(engine: Engine): Promise<Sample> {
  return rate(async (n) => {
    const run = await engine.start(short, { n });
    const output = await run.result();
    if (output.n !== n + 2) throw new Error(`run ${run.id} gave ${JSON.stringify(output)} for ${n}`);
  });
}

/** Measurements of 15,000 steps: Node's compiler is done with the code after some fifty thousand. */
export const SEASONING = 4;

export const manyRuns: Workload = {
  id: 'W2',
  seasoning: SEASONING,
  rounds: 3,
  metrics: [
    {
      key: 'rate',
      title: '5,000 runs × 3 steps, 100 in flight',
      unit: 'steps/s',
      target: { atLeast: 60_000 },
    },
  ],
  floor: floorSide(manyFloorRuns),
  pawl: pawlSide(short, manyPawlRuns),
};
