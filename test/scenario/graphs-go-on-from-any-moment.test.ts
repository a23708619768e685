/** A log of a graph may end anywhere: whoever goes on with it comes to the end that it had to come to, and repeats nothing. */
import * as fc from 'fast-check';
import { defineKind, type Json, parseGraph, pawl, type StoredEvent } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { type GraphWorkflow, graphFrom, validateValue } from '../../packages/pawl/src/graph/index.ts';
import type { NewEvent } from '../../packages/pawl/src/run/index.ts';
import type { AnyKind } from '../../packages/pawl/src/step/index.ts';
import { EXTERNAL } from '../../packages/pawl/src/store/index.ts';
import { outcomes, randomGraphs } from '../simulation/support/random-graph.ts';
import { openBetween } from './support/between-store.ts';
import { closeEngine, START } from './support/opened-engine.ts';
import { eventsOf } from './support/run-log.ts';

const RUN = { tenant: 'default', runId: 'run' } as const;

interface Played {
  readonly status: string;
  readonly events: readonly StoredEvent[];
  /** Steps that happened, by path. */
  readonly calls: readonly string[];
}

interface World {
  readonly graph: GraphWorkflow;
  readonly kind: (calls: string[]) => AnyKind;
  /** A cancel arrives right before this commit of the engine. */
  readonly cancelBefore?: number;
  /** What the log holds already. */
  readonly given?: readonly StoredEvent[];
}

/** Plays a run to its end: a new one, or one whose log is given. */
async function play({ graph, kind, cancelBefore = 0, given }: World): Promise<Played> {
  const platform = fakePlatform({ startMs: START, seed: given ? 2 : 1 });
  const calls: string[] = [];
  let commits = 0;
  const { store, inner } = await openBetween(platform, {
    before: async (batches, behind) => {
      commits += batches.some(({ run }) => run.runId === 'run') ? 1 : 0;
      if (commits !== cancelBefore || (await behind.getRun('default', 'run')) === undefined) return;
      commits++;
      const events = [{ type: 'run.cancel_requested', data: { reason: 'enough' } }] as const;
      await behind.commit([{ run: RUN, fence: EXTERNAL, wakes: 'always', events }]);
    },
  });
  const engine = await pawl.open({ store, workflows: [graph], kinds: [kind(calls)], platform });
  if (given) {
    const { name: workflow, version } = graph;
    const events = given.map(({ seq: _seq, at: _at, ...event }) => event as NewEvent);
    const row = { ...RUN, workflow, version, priority: 0, labels: {}, rootRunId: 'run', depth: 0 };
    await inner.commit([
      { run: RUN, fence: EXTERNAL, events: [], creates: [{ ...row, events, holder: null }] },
    ]);
  } else await engine.start(graph, {}, { id: 'run' });
  for (let round = 0; round < 20; round++) await platform.advance(10_000);
  const { status } = await engine.runs.get('run');
  const events = await eventsOf(engine, 'run');
  await closeEngine({ engine, platform });
  return { status, events, calls };
}

/** Goes on from every moment of a run that came to its end, and names what is not as it must be. */
async function problemsOf(world: World, whole: Played): Promise<string[]> {
  const problems: string[] = [];
  for (let length = 2; length < whole.events.length; length++) {
    const given = whole.events.slice(0, length);
    const again = await play({ ...world, cancelBefore: 0, given });
    const done = new Set(given.filter(({ type }) => type === 'step.completed').map(({ path }) => path));
    const repeated = again.calls.filter((path) => done.has(path));
    const isCancelled = given.some(({ type }) => type === 'run.cancel_requested');
    const wanted = isCancelled ? ['cancelled'] : ['completed', 'failed'];
    if (!wanted.includes(again.status)) problems.push(`after ${length}: it is ${again.status}`);
    if (repeated.length > 0) problems.push(`after ${length}: ${repeated.join(', ')} again`);
    const ends = again.events.filter(({ type, path }) => type === 'step.completed' && path !== undefined);
    if (new Set(ends.map(({ path }) => path)).size < ends.length)
      problems.push(`after ${length}: a step ended twice`);
  }
  return problems;
}

function work(calls: string[]): AnyKind {
  return defineKind<Json>({
    name: 'work',
    execute: (_input, { path }) => {
      calls.push(path);
      return Promise.resolve({ output: {} });
    },
  });
}

const line = parseGraph(
  `pawl: 1
workflow: w
version: "1"
steps:
  a: { kind: work }
  b: { kind: work }
  c: { kind: work }
  d: { kind: work }
  clean: { kind: work, finalize: always }
  close: { kind: work, finalize: always }
  party: { kind: work, finalize: success }
edges: [a -> b, b -> c, b -> d]
`,
  { kinds: [work([])] },
);

describe('a cancel that arrives in front of a commit', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    '%d ends the run as cancelled, from every moment of its log',
    async (n) => {
      const world = { graph: line, kind: work, cancelBefore: n };
      const whole = await play(world);
      if (whole.events.some(({ type }) => type === 'run.cancel_requested')) {
        expect(whole.status).toBe('cancelled');
        const cleaned = whole.events.filter(
          ({ type, path }) => type === 'step.completed' && path?.startsWith('cl'),
        );
        expect(cleaned.map(({ path }) => path)).toEqual(['clean', 'close']);
      } else expect(whole.status).toBe('completed');
      expect(await problemsOf(world, whole)).toEqual([]);
    },
  );
});

test('random graphs go on from every moment of their logs, cancelled or not', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(randomGraphs({}), outcomes, fc.nat({ max: 12 }), async ({ graph }, outcomeOf, n) => {
      const kind = (calls: string[]): AnyKind =>
        defineKind<Json>({
          name: 'probe',
          labels: ['ok', 'alt', 'rejected'],
          retry: 'none',
          execute: async (_input, { path }) => {
            const [, step = '', visit = '1', item = '0'] =
              /^([^#/]+)(?:#(\d+))?(?:\/item:(\d+))?/.exec(path) ?? [];
            const outcome = outcomeOf(step, Number(visit), Number(item));
            calls.push(path);
            for (let turn = 0; turn < path.length % 4; turn++) await Promise.resolve();
            if (outcome === 'failed') throw new Error('as told');
            return { outcome, output: {} };
          },
        });
      const kinds = [kind([])];
      fc.pre(validateValue(graph.source, { kinds }).problems.every(({ severity }) => severity === 'warning'));
      const world = { graph: graphFrom(graph.source, { kinds }), kind, cancelBefore: n };
      const whole = await play(world);
      seen.add(whole.status);
      expect(await problemsOf(world, whole)).toEqual([]);
    }),
    { numRuns: 30 },
  );
  expect([...seen].sort()).toEqual(['cancelled', 'completed', 'failed']);
});
