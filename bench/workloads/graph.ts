/** W1 and W3 as graphs: a graph's step costs what a function's costs. */
import { graphFrom, type GraphWorkflow } from '../../packages/pawl/src/index.ts';
import { floorSide } from '../floor/bed.ts';
import { parallelRun, sequentialRun } from '../floor/runs.ts';
import { median, quantile } from '../harness/statistics.ts';
import type { Sample, Workload } from '../harness/workload.ts';
import { pawlSide } from './pawl-bed.ts';

const LINE_STEPS = 500;
const WIDE_STEPS = 1_000;
const WIDE_RUNS = 5;

function graphOf(workflow: string, steps: object, edges: readonly string[]): GraphWorkflow {
  const limits = { maxConcurrentSteps: WIDE_STEPS, maxDispatch: WIDE_STEPS };
  return graphFrom({ pawl: 1, workflow, version: '1', limits, steps, edges });
}

const work = { kind: 'function', with: { function: 'work' } };
const names = (count: number): readonly string[] => Array.from({ length: count }, (_, n) => `s${n}`);
const stepsOf = (list: readonly string[]): object => Object.fromEntries(list.map((name) => [name, work]));

const line = graphOf(
  'line',
  stepsOf(names(LINE_STEPS)),
  names(LINE_STEPS - 1).map((name, n) => `${name} -> s${n + 1}`),
);
const wide = graphOf(
  'wide',
  { ...stepsOf(names(WIDE_STEPS)), done: { kind: 'join' } },
  names(WIDE_STEPS).map((name) => `${name} -> done`),
);

let endedAt = 0;
let between: number[] = [];

const functions = {
  work: (): object => {
    if (endedAt > 0) between.push(performance.now() - endedAt);
    endedAt = performance.now();
    return { n: 1 };
  },
};

export const graphGap: Workload = {
  id: 'G1-gap',
  seasoning: 6,
  rounds: 5,
  metrics: [{ key: 'p50', title: 'graph: gap between two steps, p50', unit: 'ms', target: { atMost: 0.16 } }],
  floor: floorSide((journal, newRun) => ({
    p50: quantile(sequentialRun(journal, newRun(), LINE_STEPS), 0.5),
  })),
  pawl: pawlSide(
    line,
    async (engine): Promise<Sample> => {
      between = [];
      endedAt = 0;
      const run = await engine.start(line, {});
      await run.result();
      return { p50: quantile(between, 0.5) };
    },
    { functions },
  ),
};

async function timeRuns(run: () => Promise<void>): Promise<Sample> {
  const times: number[] = [];
  for (let index = 0; index < WIDE_RUNS; index++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return { ms: median(times) };
}

export const graphFanOut: Workload = {
  id: 'G3-fan-out',
  seasoning: 8,
  rounds: 3,
  metrics: [
    { key: 'ms', title: 'graph: 1,000 steps at once and a join', unit: 'ms', target: { atMost: 30 } },
  ],
  floor: floorSide((journal, newRun) => timeRuns(() => parallelRun(journal, newRun(), WIDE_STEPS))),
  pawl: pawlSide(
    wide,
    (engine) =>
      timeRuns(async () => {
        const run = await engine.start(wide, {});
        await run.result();
      }),
    { functions },
  ),
};
