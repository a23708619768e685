/** W3: one run with a thousand steps at the same time. */
import { type AnyWorkflow, type Engine, type Workflow, workflow } from '../../packages/pawl/src/index.ts';
import { floorSide } from '../floor/bed.ts';
import { parallelRun } from '../floor/runs.ts';
import { median } from '../harness/statistics.ts';
import type { Sample, Side, Workload } from '../harness/workload.ts';
import { pawlSide } from './pawl-bed.ts';

export const STEPS = 1_000;
const RUNS = 5;
/** Node's compiler is done with the code after some thirty runs: before, a run costs up to twice as much. */
export const SEASONING = 8;
const SUM = (STEPS * (STEPS - 1)) / 2;
const numbers = Array.from({ length: STEPS }, (_, n) => n);

function sumOf(outputs: readonly { n: number }[]): number {
  return outputs.reduce((sum, { n }) => sum + n, 0);
}

export const all = workflow({ name: 'all' }, async (ctx) =>
  sumOf(await Promise.all(numbers.map((n) => ctx.step(`s${n}`, () => ({ n }))))),
);

export const map = workflow({ name: 'map' }, async (ctx) =>
  sumOf(await ctx.map('items', numbers, (n, c) => c.step('s', () => ({ n })), { concurrency: STEPS })),
);

export async function timeRuns(run: () => Promise<void>): Promise<Sample> {
  const times: number[] = [];
  for (let index = 0; index < RUNS; index++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return { ms: median(times) };
}

async function runOnce(engine: Engine, target: Workflow<unknown, number>): Promise<void> {
  const run = await engine.start(target, {});
  const sum = await run.result();
  if (sum !== SUM) throw new Error(`run ${run.id} gave ${sum} instead of ${SUM}`);
}

export function measureFanOut(engine: Engine, target: Workflow<unknown, number>): Promise<Sample> {
  return timeRuns(() => runOnce(engine, target));
}

function side(target: Workflow<unknown, number> & AnyWorkflow): Side {
  return pawlSide(target, (engine) => measureFanOut(engine, target));
}

const floor = floorSide((journal, newRun) => timeRuns(() => parallelRun(journal, newRun(), STEPS)));

export const fanOutAll: Workload = {
  id: 'W3-all',
  seasoning: SEASONING,
  rounds: 3,
  metrics: [{ key: 'ms', title: '1,000 steps by Promise.all', unit: 'ms', target: { atMost: 12 } }],
  floor,
  pawl: side(all),
};

export const fanOutMap: Workload = {
  id: 'W3-map',
  seasoning: SEASONING,
  rounds: 3,
  metrics: [{ key: 'ms', title: '1,000 steps by ctx.map', unit: 'ms', target: { atMost: 12 } }],
  floor,
  pawl: side(map),
};
