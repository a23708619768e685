/** Random graphs that pass the validation, with loops, joins, conditions and labels of all kinds. */
import * as fc from 'fast-check';
import { type Graph, validateValue } from '../../../packages/pawl/src/graph/index.ts';
import type { RefFinalizer } from './reference-clean-up.ts';
import type { RefEdge, RefGraph, RefMap, RefStep } from './reference-graph.ts';

const PROBE = {
  name: 'probe',
  labels: ['ok', 'alt', 'rejected'],
  queue: 'general',
  opens: 'step',
  required: [],
} as const;

/** Edges are made before it is known what they leave from: here a map may be asked for any label. */
const MAP = {
  name: 'map',
  labels: ['ok', 'partial', 'alt', 'rejected'],
  queue: 'general',
  opens: 'step',
  required: ['items', 'step'],
} as const;

export interface RandomGraph {
  /** What a failed property shows. */
  readonly [fc.toStringMethod]: () => string;
  readonly reference: RefGraph;
  readonly graph: Graph;
}

const joins: fc.Arbitrary<RefStep> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant({ join: 'any' } as const) },
  {
    weight: 2,
    arbitrary: fc.record({
      join: fc.record({
        count: fc.integer({ min: 1, max: 3 }),
        losers: fc.constantFrom('cancel', 'continue'),
      }),
    }),
  },
);

const patient = fc.constantFrom<RefMap['strategy']>('all', 'minSuccess');
const strategies = fc.constantFrom<RefMap['strategy']>('all', 'first', 'quorum', 'minSuccess');

/** One step in four is a map; some of them ask for more than they can get. */
function maps(strategy: fc.Arbitrary<RefMap['strategy']>): fc.Arbitrary<RefStep> {
  const map = fc
    .record({
      items: fc.nat({ max: 4 }),
      concurrency: fc.integer({ min: 1, max: 4 }),
      strategy,
      minSuccess: fc.nat({ max: 5 }),
    })
    .map(({ minSuccess, ...rest }): RefMap => {
      if (rest.strategy === 'minSuccess') return { ...rest, minSuccess };
      return rest.strategy === 'quorum' && minSuccess > 2 ? { ...rest, minSuccess: minSuccess - 2 } : rest;
    });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: map.map((made) => ({ map: made })) },
  );
}

const labels = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: fc.constant('*') },
  { weight: 4, arbitrary: fc.subarray(['ok', 'alt', 'failed', 'rejected'], { minLength: 1, maxLength: 3 }) },
);

const conditions = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ when: fc.integer({ min: 0, max: 6 }).map((n) => `state.n >= ${n}`) }) },
  { weight: 1, arbitrary: fc.constant({ else: true } as const) },
);

/** What does not look at the state does not depend on what came first. */
const constants: Readonly<Record<string, string>> = { '0': '1 < 2', '1': '1 > 2' };

function timeless(reference: RefGraph): RefGraph {
  const edges = reference.edges.map((edge) =>
    edge.when === undefined ? edge : { ...edge, when: constants[edge.when.length % 2] as string },
  );
  return { ...reference, edges };
}

interface Shape {
  readonly from: number;
  readonly to: number;
  readonly on: string | string[] | undefined;
  readonly condition: object;
  readonly max: number;
}

const shapes = fc.record({
  from: fc.nat({ max: 9 }),
  to: fc.nat({ max: 11 }),
  on: labels,
  condition: conditions,
  max: fc.integer({ min: 1, max: 3 }),
});

function forward(count: number, list: readonly Shape[]): RefEdge[] {
  return list.flatMap(({ from, to, on, condition }): RefEdge[] => {
    if (from >= count || to <= from) return [];
    return [
      {
        from: `s${from}`,
        to: to >= count ? 'end' : `s${to}`,
        ...(on === undefined ? {} : { on }),
        ...condition,
      },
    ];
  });
}

/** A way back, most often with something for its limit. */
function backward(count: number, { from, to, on, condition, max }: Shape): RefEdge[] {
  const [source, target] = [Math.max(from, to) % count, Math.min(from, to) % count];
  if (source < target) return [];
  const label = on === undefined ? {} : { on };
  const edge = { from: `s${source}`, to: `s${target}`, ...label, ...condition, loop: { max: max + 1 } };
  return from % 4 === 0 ? [edge] : [edge, { from: `s${source}`, to: 'end', on: 'exhausted' }];
}

/** Loops that are entered from the side are left out, so that all that is made is a graph. */
function withLoops(
  reference: RefGraph,
  shapes: readonly Shape[],
  { isTimeless, top = {} }: Options,
): RandomGraph | undefined {
  let made = graphOf(reference, top);
  const count = Object.keys(reference.steps).length;
  for (const shape of shapes) {
    const edges = [...(made?.reference.edges ?? []), ...backward(count, shape)];
    const next = graphOf(isTimeless ? timeless({ ...reference, edges }) : { ...reference, edges }, top);
    if (!isTimeless || next?.graph.loops.every(({ sources }) => sources.length === 1)) made = next ?? made;
  }
  return made;
}

/** Edges that say the same twice are refused: one of them is left. */
function distinct(edges: readonly RefEdge[]): RefEdge[] {
  const said = edges.map((edge): [string, RefEdge] => {
    const { from, to, on = [], when, else: isElse, loop } = edge;
    return [JSON.stringify([from, to, [on].flat(), when, isElse, loop !== undefined]), edge];
  });
  return [...new Map(said).values()];
}

function graphOf(given: RefGraph, top: object): RandomGraph | undefined {
  const reference = { ...given, edges: distinct(given.edges) };
  const graph = compiled(reference, top);
  return graph && { reference, graph, [fc.toStringMethod]: () => JSON.stringify(reference) };
}

/** Most graphs have a way through: without one, hardly any loop would pass the validation. */
function spineOf(count: number, spine: readonly (string | undefined)[]): RefEdge[] {
  return spine.slice(0, count - 1).flatMap((on, index): RefEdge[] => {
    const edge = { from: `s${index}`, to: `s${index + 1}` };
    if (on === 'none') return index % 2 === 0 ? [] : [edge];
    return [on === undefined ? edge : { ...edge, on }];
  });
}

function compiled(reference: RefGraph, more: object): Graph | undefined {
  const steps = Object.entries(reference.steps).map(([name, { map, ...step }]) => [
    name,
    { ...workOf(map), save: { n: '1' }, ...step },
  ]);
  const value = {
    pawl: 1,
    workflow: 'random',
    version: '1',
    state: { n: { type: 'number', merge: 'sum' } },
    limits: { maxConcurrentSteps: 1_000, maxDispatch: 1_000, maxSteps: 100_000 },
    ...more,
    steps: Object.fromEntries(steps),
    edges: reference.edges,
  };
  return validateValue(value, { kinds: [PROBE, MAP] }).graph;
}

/** A number that no list can give is refused where it stands; from a template it comes as a surprise. */
function workOf(map: RefMap | undefined): object {
  if (!map) return { kind: 'probe' };
  const { items, minSuccess, ...rest } = map;
  const list = Array.from({ length: items }, (_, index) => index);
  const asked = minSuccess === undefined ? {} : { minSuccess: `{{ ${minSuccess} }}` };
  return { kind: 'map', with: { items: list, step: { kind: 'probe' }, ...rest, ...asked } };
}

interface Options {
  /**
   * Joins are `all`, maps wait for their items, no condition looks at the state, and a loop has one source: with several, the first one that loops
   * cancels what the others would have run.
   */
  readonly isTimeless?: boolean;
  readonly top?: object;
}

export function randomGraphs(options: Options): fc.Arbitrary<RandomGraph> {
  const joined = options.isTimeless ? fc.constant<RefStep>({}) : joins;
  const worked = maps(options.isTimeless ? patient : strategies);
  const steps = fc.tuple(joined, worked).map(([join, work]) => ({ ...join, ...work }));
  return fc
    .record({
      steps: fc.array(steps, { minLength: 2, maxLength: 10 }),
      edges: fc.array(shapes, { minLength: 1, maxLength: 12 }),
      loops: fc.array(shapes, { maxLength: 4 }),
      spine: fc.array(fc.constantFrom('*', '*', undefined, 'none'), { minLength: 10, maxLength: 10 }),
    })
    .map(({ steps: list, edges, spine, loops }) => {
      const reference = {
        steps: Object.fromEntries(list.map((step, index) => [`s${index}`, step])),
        edges: [...spineOf(list.length, spine), ...forward(list.length, edges)],
      };
      return withLoops(options.isTimeless ? timeless(reference) : reference, loops, options);
    })
    .filter((made) => made !== undefined);
}

/** A random graph with finalizers, and the same one without them. */
export interface CleanedGraph {
  readonly [fc.toStringMethod]: () => string;
  readonly graph: Graph;
  readonly plain: Graph;
  readonly finalizers: readonly RefFinalizer[];
}

const ITEMS = { items: [0, 1, 2], concurrency: 2 };

const WORKS: Readonly<Record<RefFinalizer['work'], object>> = {
  step: { kind: 'probe' },
  wait: { kind: 'signal' },
  child: { kind: 'workflow', with: { workflow: 'kid' } },
  all: { kind: 'map', with: { ...ITEMS, step: { kind: 'signal' } } },
  any: { kind: 'map', with: { ...ITEMS, minSuccess: 0, step: { kind: 'probe' } } },
};

const finalizers = fc.array(
  fc.record({
    finalize: fc.constantFrom<RefFinalizer['finalize']>('always', 'always', 'success', 'failure'),
    work: fc.constantFrom(...(Object.keys(WORKS) as RefFinalizer['work'][])),
  }),
  { minLength: 1, maxLength: 5 },
);

export const cleanedGraphs: fc.Arbitrary<CleanedGraph> = fc
  .tuple(randomGraphs({}), finalizers)
  .map(([{ graph: plain, reference }, list]) => {
    const named = list.map((one, index): RefFinalizer => ({ name: `f${index}`, ...one }));
    const source = plain.source as { readonly steps: object };
    const more = named.map(({ name, finalize, work }) => [name, { ...WORKS[work], finalize }]);
    const value = { ...source, steps: { ...source.steps, ...Object.fromEntries(more) } };
    const { graph } = validateValue(value, { kinds: [PROBE, MAP] });
    if (!graph) throw new Error('the finalizers are none');
    const text = (): string => JSON.stringify({ reference, finalizers: named });
    return { graph, plain, finalizers: named, [fc.toStringMethod]: text };
  });

/** How each visit of each step ends, and each item of a map. */
export const outcomes: fc.Arbitrary<(step: string, visit: number, item: number) => string> = fc
  .array(fc.constantFrom('ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'alt', 'rejected', 'failed'), {
    minLength: 30,
    maxLength: 30,
  })
  .map(
    (list) => (step, visit, item) =>
      list[(Number(step.slice(1)) * 7 + visit * 3 + item * 11) % list.length] as string,
  );

/** Which of the open calls ends next. */
export const orders: fc.Arbitrary<(count: number, time: number) => number> = fc
  .array(fc.nat({ max: 1_000 }), { minLength: 20, maxLength: 20 })
  .map((list) => (count, time) => (list[time % list.length] as number) % count);
