/** Graphs are killed at every boundary, as functions are: the same end, and no effect that is not theirs. */
import * as fc from 'fast-check';
import { defineKind, type Json, parseGraph, TerminalError } from 'pawl';
import { effectLog, expectCrashSafe } from 'pawl/testing';
import { expect, test } from 'vitest';
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
