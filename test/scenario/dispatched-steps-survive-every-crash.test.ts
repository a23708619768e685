/** Steps that are dispatched survive the death of the process that drives and executes them, at every call of its store. */
import { defineKind, parseGraph, type StepContext, workflow } from 'pawl';
import { effectLog, expectCrashSafe } from 'pawl/testing';
import { expect, test } from 'vitest';

const LIMIT_MS = 120_000;

/** A kind that has an effect; one that fails at first where its input says so. */
function payKind(effects: ReturnType<typeof effectLog>) {
  return defineKind({
    name: 'pay',
    queue: 'bank',
    retry: { attempts: 3, initial: '1s', jitter: 0 },
    execute: async ({ amount, fails }: { amount: number; fails?: boolean }, context: StepContext) => {
      if (fails === true && context.attempt === 1) throw new Error('the bank is closed');
      effects.happen(context.idempotencyKey, amount);
      return { output: amount };
    },
  });
}

test(
  'one after the other, side by side, tried again, and beside steps that are not dispatched',
  async () => {
    const effects = effectLog();
    const one = workflow({ name: 'flow' }, async (ctx, input: { amount: number }) => {
      const first = await ctx.operation<number>('first', 'pay', input, { dispatch: true });
      const both = await ctx.parallel('both', {
        there: (c) => c.operation<number>('pay', 'pay', { amount: 2, fails: true }, { dispatch: true }),
        here: (c) =>
          c.step('pay', ({ idempotencyKey }) => {
            effects.happen(idempotencyKey, 3);
            return 3;
          }),
      });
      await ctx.sleep('nap', '10s');
      return [
        first,
        both.there,
        both.here,
        await ctx.operation('last', 'pay', { amount: 4 }, { dispatch: true }),
      ];
    });
    const report = await expectCrashSafe(one, { input: { amount: 1 }, effects, kinds: [payKind(effects)] });
    expect(report.worlds).toBeGreaterThan(40);
  },
  LIMIT_MS,
);

test(
  'a race whose loser nobody has begun, and a deadline that nobody meets, for no worker has the kind',
  async () => {
    const effects = effectLog();
    const one = workflow({ name: 'flow' }, async (ctx) => {
      const race = await ctx.race('r', {
        slow: (c) => c.operation('x', 'nowhere', {}, { dispatch: true }),
        fast: (c) => c.sleep('s', '5s').then(() => 'slept'),
      });
      const late = await ctx
        .operation('late', 'nowhere', {}, { dispatch: true, deadline: '3s' })
        .catch((error: { code?: string }) => error.code);
      return [race.winner, late, await ctx.operation('paid', 'pay', { amount: 1 }, { dispatch: true })];
    });
    const kinds = [payKind(effects)];
    const report = await expectCrashSafe(one, { input: undefined, effects, kinds });
    expect(report.worlds).toBeGreaterThan(30);
  },
  LIMIT_MS,
);

test(
  'in a graph with a loop, finalizers and a step for each item',
  async () => {
    const effects = effectLog();
    const graph = parseGraph(
      `
pawl: 1
workflow: flow
version: "1"
steps:
  each: { kind: map, with: { items: [1, 2, 3], step: { kind: pay, with: { amount: "{{ item }}" }, dispatch: true } } }
  again: { kind: pay, with: { amount: 7 }, dispatch: true }
  undo: { kind: pay, with: { amount: 9 }, dispatch: true, finalize: always }
edges:
  - each -> again
  - { from: again, to: again, loop: { max: 2 } }
`,
      { kinds: [payKind(effects)] },
    );
    await expectCrashSafe(graph, { input: {}, effects, kinds: [payKind(effects)] });
  },
  LIMIT_MS,
);
