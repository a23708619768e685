/** Whether a decision of a graph costs the same however large the graph is; without a store, so that nothing else is in the figure. */
import { GraphDriver } from '../../packages/pawl/src/decide/index.ts';
import { type Graph, validateValue } from '../../packages/pawl/src/graph/index.ts';
import type { Command } from '../../packages/pawl/src/run/index.ts';
import { median } from '../harness/statistics.ts';
import type { Sample, Workload } from '../harness/workload.ts';

const SMALL = 100;
const LARGE = 10_000;
const WIDTH = 1_000;
/** Far enough from both ends of a run, whose decisions are not like the others. */
const EARLY = 100;
const WINDOW = 500;

interface Document {
  readonly steps: Readonly<Record<string, object>>;
  readonly edges: readonly string[];
  readonly state?: object;
  readonly limits?: object;
}

function graphOf(document: Document): Graph {
  const { graph, problems } = validateValue({ pawl: 1, workflow: 'decide', version: '1', ...document });
  if (!graph) throw new Error(JSON.stringify(problems));
  return graph;
}

function call(input: string): object {
  return { kind: 'function', with: { function: 'f', input } };
}

/** Each step takes what the one before it gave, and saves under a key of its own, into a list and into a sum. */
function linear(count: number): Document {
  const names = Array.from({ length: count }, (_, n) => `s${n}`);
  const steps = names.map((name, n) => {
    const input = n === 0 ? 'begin' : `{{ steps.s${n - 1}.output.n }}`;
    return [name, { ...call(input), save: { [`k${n}`]: 'output.n', list: 'output.n', sum: 'output.n' } }];
  });
  const keys = names.map((_name, n) => [`k${n}`, {}]);
  return {
    state: { ...Object.fromEntries(keys), list: { merge: 'append' }, sum: { merge: 'sum' } },
    steps: Object.fromEntries(steps) as Document['steps'],
    edges: names.slice(1).map((name, n) => `s${n} -> ${name}`),
  };
}

/** One step, then all of them side by side, then one. */
function wide(count: number): Document {
  const names = Array.from({ length: count }, (_, n) => `s${n}`);
  return {
    steps: {
      from: call('begin'),
      ...Object.fromEntries(names.map((name) => [name, call('{{ steps.from.output.n }}')])),
      to: { kind: 'join' },
    },
    edges: names.flatMap((name) => [`from -> ${name}`, `${name} -> to`]),
  };
}

function mapped(count: number): Document {
  const items = Array.from({ length: count }, (_, n) => n);
  return {
    limits: { maxConcurrentSteps: count },
    steps: { m: { kind: 'map', with: { items, concurrency: count, step: call('{{ item }}') } } },
    edges: [],
  };
}

/** Drives a run to its end, each call ending in the order in which it was asked for; the time of each decision, in µs. */
function decisionsOf(graph: Graph): readonly number[] {
  const driver = new GraphDriver({
    graph,
    input: 'null',
    facts: {},
    recorded: new Map(),
    onActivity: () => undefined,
  });
  const open: string[] = [];
  const times: number[] = [];
  let end: Command | undefined;
  const take = (): void => {
    for (let list = driver.takeCommands(); list.length > 0; list = driver.takeCommands())
      for (const command of list) {
        if (command.type === 'ScheduleStep') open.push(command.step.path);
        else if (command.type !== 'RecordMarker') end = command;
      }
  };
  driver.start();
  driver.catchUp();
  take();
  for (const path of open) {
    const start = performance.now();
    driver.deliver({ path, kind: 'function', outcome: 'ok', payload: '{"n":1}', endedAt: 0 });
    take();
    times.push((performance.now() - start) * 1_000);
  }
  if (end?.type !== 'Complete') throw new Error(`the run of ${graph.steps.length} steps came to no end`);
  return times;
}

/** Without the first and the last: those hand over, or wait for, as many steps as the graph is wide. */
function usual(times: readonly number[]): number {
  return median(times.slice(1, -1));
}

function compare(make: (count: number) => Document): () => Sample {
  const graphs = { small: graphOf(make(SMALL)), large: graphOf(make(LARGE)) };
  return () => {
    const runs = Array.from({ length: LARGE / SMALL }, () => decisionsOf(graphs.small));
    const times = decisionsOf(graphs.large);
    const early = usual(times.slice(EARLY, EARLY + WINDOW));
    const late = usual(times.slice(-EARLY - WINDOW, -EARLY));
    return { small: median(runs.map(usual)), early, late, growth: late / early };
  };
}

function workloadOf(shape: string, make: (count: number) => Document): Workload {
  return {
    id: `decide-${shape}`,
    seasoning: 3,
    rounds: 5,
    metrics: [
      { key: 'small', title: `a decision in a ${shape} graph of 100 steps, median`, unit: 'µs' },
      { key: 'early', title: `in one of 10,000, from its end ${EARLY} on, median of ${WINDOW}`, unit: 'µs' },
      { key: 'late', title: 'in the same, at its last ends', unit: 'µs' },
      { key: 'growth', title: 'its last decisions against its first', unit: '×', target: { atMost: 1.1 } },
    ],
    pawl: async () => {
      const measure = compare(make);
      return { measure: async () => measure(), close: async () => undefined };
    },
  };
}

export const decideLinear = workloadOf('linear', linear);
export const decideWide = workloadOf('wide', wide);

/** What the driver takes of the time of a fan-out: processor time of its thread, for it waits for nothing. */
export const decideFanOut: Workload = {
  id: 'decide-fan-out',
  seasoning: 10,
  rounds: 5,
  metrics: [
    { key: 'edges', title: 'driver alone: 1,000 steps side by side, and their join', unit: 'ms' },
    { key: 'map', title: 'driver alone: a map over 1,000 items', unit: 'ms' },
  ],
  pawl: async () => {
    const [edges, map] = [graphOf(wide(WIDTH)), graphOf(mapped(WIDTH))];
    const timeOf = (graph: Graph): number => {
      const start = process.threadCpuUsage();
      decisionsOf(graph);
      const { user, system } = process.threadCpuUsage(start);
      return (user + system) / 1_000;
    };
    return {
      measure: async () => ({ edges: timeOf(edges), map: timeOf(map) }),
      close: async () => undefined,
    };
  },
};
