/** Graphs are killed at every boundary, as functions are: the same end, and no effect that is not theirs. */
import * as fc from 'fast-check';
import { defineKind, type GraphWorkflow, type Json, parseGraph, TerminalError, workflow } from 'pawl';
import { type EffectLog, effectLog, expectCrashSafe } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { graphFrom, validateValue } from '../../packages/pawl/src/graph/index.ts';
import { outcomes, randomGraphs } from '../simulation/support/random-graph.ts';

const HEAD = 'pawl: 1\nworkflow: w\nversion: "1"\n';

test('random graphs come to the same end, with the same effects, whenever they are killed', async () => {
  const seen = { worlds: 0, ends: new Set<string>() };
  const shapes = randomGraphs({
    isTimeless: true,
    top: { limits: { maxConcurrentSteps: 3, maxDispatch: 2 } },
  });
  await fc.assert(
    fc.asyncProperty(shapes, outcomes, async ({ graph }, outcomeOf) => {
      const effects = effectLog();
      let worst = 'ok';
      const probe = defineKind<Json>({
        name: 'probe',
        labels: ['ok', 'alt', 'rejected'],
        retry: 'none',
        execute: async (_input, { path, idempotencyKey }) => {
          const [, step = '', visit = '1', item = '0'] =
            /^([^#/]+)(?:#(\d+))?(?:\/item:(\d+))?/.exec(path) ?? [];
          const outcome = outcomeOf(step, Number(visit), Number(item));
          if (outcome !== 'ok' && outcome !== 'alt') worst = outcome;
          if (outcome === 'failed') throw new TerminalError('as told');
          effects.happen(idempotencyKey, outcome);
          return { outcome, output: { path } };
        },
      });
      const { problems } = validateValue(graph.source, { kinds: [probe] });
      fc.pre(problems.every(({ severity }) => severity === 'warning')); // edges of a map may ask for what no map gives
      const workflow = graphFrom(graph.source, { kinds: [probe] });
      try {
        seen.worlds += (await expectCrashSafe(workflow, { input: {}, effects, kinds: [probe] })).worlds;
      } catch (error) {
        // Where a run fails, what else was done by then is chance; how it ends is not.
        if (worst === 'ok' || !/effect ".*" (?:never|does not)/.test(String(error))) throw error;
      }
      seen.ends.add(worst);
    }),
    { numRuns: 25 },
  );
  expect(seen.worlds).toBeGreaterThan(400);
});

test('a cancelled graph cleans up, whenever it is killed', async () => {
  const effects = effectLog();
  const graph = parseGraph(`${HEAD}
steps:
  work: { kind: function, with: { function: note, input: work } }
  gate: { kind: signal, with: { name: go } }
  never: { kind: function, with: { function: note, input: never } }
  undo: { kind: function, with: { function: note, input: undo }, finalize: always }
  close: { kind: function, with: { function: note, input: close }, finalize: always }
  party: { kind: function, with: { function: note, input: party }, finalize: success }
edges: [work -> gate, gate -> never, { from: gate, to: end, on: expired }]
`);
  const note = (what: string, { idempotencyKey }: { idempotencyKey: string }): void =>
    effects.happen(idempotencyKey, what);
  const { worlds } = await expectCrashSafe(graph, {
    input: {},
    effects,
    functions: { note },
    act: async (actor, run) => {
      if (run.steps.some(({ path, status }) => path === 'gate' && status === 'waiting'))
        await actor.cancel({ reason: 'enough' });
    },
  });
  expect(worlds).toBeGreaterThan(10);
  expect(new Set(effects.all.map(({ value }) => value))).toEqual(new Set(['work', 'undo', 'close']));
});

/** It waits for what never comes, and notes that it was told to end. */
const kid = parseGraph(`pawl: 1
workflow: kid
version: "1"
steps:
  never: { kind: signal, with: { name: never } }
  bye: { kind: function, with: { function: note, input: bye }, finalize: always }
edges: [{ from: never, to: end, on: "*" }]
`);
const kidOfCode = workflow({ name: 'kid-of-code' }, async (ctx) => {
  await ctx.signal('never');
});

describe('a graph whose clean up waits, or has children', () => {
  const functionsOf = (effects: EffectLog) => ({
    note: (what: string, { idempotencyKey }: { idempotencyKey: string }) =>
      effects.happen(idempotencyKey, what),
    held: () => Promise.reject(new Error('who knows')),
  });
  const graphWith = (top: string, last: string): GraphWorkflow =>
    parseGraph(`${HEAD}
${top}
steps:
  gate: { kind: signal, with: { name: go } }
  last: { ${last}, finalize: always }
  undo: { kind: function, with: { function: note, input: undo }, finalize: always }
edges: [{ from: gate, to: end, on: "*" }]
`);

  test.each([
    ['a person', 'kind: approval, with: { message: m }, deadline: 2s', ['undo']],
    ['a graph', 'kind: workflow, with: { workflow: kid }, deadline: 2s', ['bye', 'undo']],
    ['a function', 'kind: workflow, with: { workflow: kid-of-code }, deadline: 2s', ['undo']],
    [
      'its items',
      'kind: map, with: { items: [1, 2, 3], concurrency: 2, step: { kind: signal } }, deadline: 2s',
      ['undo'],
    ],
    ['an operator', 'kind: function, with: { function: held }, retry: none, atMostOnce: true', ['undo']],
  ])('for %s comes to its end where it is cancelled, whenever it is killed', async (_what, last, done) => {
    const effects = effectLog();
    const { worlds } = await expectCrashSafe(graphWith('', last), {
      input: {},
      effects,
      functions: functionsOf(effects),
      workflows: [kid, kidOfCode],
      act: async (actor, run) => {
        if (run.steps.some(({ path, status }) => path === 'gate' && status === 'waiting'))
          await actor.cancel({ reason: 'enough' });
      },
    });
    expect(worlds).toBeGreaterThan(20);
    expect(new Set(effects.all.map(({ value }) => value))).toEqual(new Set(done));
  });

  test.each([
    ['cancelled while it fails for its deadline', 'deadline: 2s', ''],
    ['over its deadline while it is cancelled', 'deadline: 4s', 'gate'],
  ])('comes to its end where it is %s, whenever it is killed', async (_what, top, cancelAt) => {
    const effects = effectLog();
    const graph = graphWith(top, 'kind: signal, with: { name: word }, deadline: 6s');
    const { worlds } = await expectCrashSafe(graph, {
      input: {},
      effects,
      functions: functionsOf(effects),
      act: async (actor, run) => {
        const isWaiting = (path: string): boolean =>
          run.steps.some((step) => step.path === path && step.status === 'waiting');
        if (isWaiting(cancelAt || 'last') && run.cancelRequested === undefined)
          await actor.cancel({ reason: 'enough' });
      },
    });
    expect(worlds).toBeGreaterThan(20);
    expect(new Set(effects.all.map(({ value }) => value))).toEqual(new Set(['undo']));
  });
});
