/** The tool that kills a user's workflow everywhere finds what is wrong with it, and names the place. */
import {
  type FunctionTools,
  parseGraph,
  TerminalError,
  type Workflow,
  workflow,
  type WorkflowContext,
} from 'pawl';
import { type EffectLog, effectLog, expectCrashSafe } from 'pawl/testing';
import { describe, expect, test } from 'vitest';

type Run = (ctx: WorkflowContext, effects: EffectLog) => Promise<unknown>;

function judged(run: Run): { readonly flow: Workflow<unknown, unknown>; readonly effects: EffectLog } {
  const effects = effectLog();
  return { flow: workflow<unknown, unknown>({ name: 'flow' }, (ctx) => run(ctx, effects)), effects };
}

async function verdictOn(run: Run): Promise<string> {
  const { flow, effects } = judged(run);
  try {
    const { worlds } = await expectCrashSafe(flow, { input: null, effects });
    return `safe in ${worlds > 15 ? 'many' : 'few'} worlds`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a workflow is safe', () => {
  test('whose effects carry the key of their step', async () => {
    const verdict = await verdictOn(async (ctx, effects) => {
      await ctx.step('pay', ({ idempotencyKey }) => effects.happen(idempotencyKey, 5));
      await ctx.sleep('a-while', '30d');
      await ctx.parallel('tell', {
        ana: (c) => c.step('mail', ({ idempotencyKey }) => effects.happen(idempotencyKey)),
        bob: (c) => c.step('mail', ({ idempotencyKey }) => effects.happen(idempotencyKey)),
      });
      return ctx.now().getTime() > 0;
    });
    expect(verdict).toBe('safe in many worlds');
  });

  test('that returns and sends moments of its own time: they differ from world to world', async () => {
    const verdict = await verdictOn(async (ctx, effects) => {
      await ctx.sleep('a-while', '5s');
      const at = ctx.now().toISOString();
      await ctx.step('tell', ({ idempotencyKey }) =>
        effects.happen(idempotencyKey, [at, ctx.now().getTime()]),
      );
      return { at, ms: ctx.now().getTime() };
    });
    expect(verdict).toBe('safe in many worlds');
  });

  test('that is a graph, and no better than the functions that it calls', async () => {
    const effects = effectLog();
    const graph = parseGraph(`pawl: 1
workflow: payroll
version: "1"
steps:
  pay: { kind: function, with: { function: pay, input: "{{ input.amount }}" }, save: { paid: output } }
  rest: { kind: sleep, with: { for: 30d } }
  again: { kind: function, with: { function: pay, input: "{{ state.paid + 1 }}" }, save: { paid: output } }
edges: [pay -> rest, rest -> again]
`);
    const pay = (amount: number, { idempotencyKey }: FunctionTools): number => {
      effects.happen(idempotencyKey, amount);
      return amount;
    };
    const { boundaries } = await expectCrashSafe(graph, {
      input: { amount: 5 },
      effects,
      functions: { pay },
    });
    expect(boundaries).toBeGreaterThan(5);
    expect(effects.all.map(({ value }) => value)).toEqual([5, 6]);
    let calls = 0;
    const careless = (amount: number): number => {
      effects.happen(`key ${++calls}`, amount);
      return amount;
    };
    await expect(
      expectCrashSafe(graph, { input: { amount: 5 }, effects, functions: { pay: careless } }),
    ).rejects.toThrow('does not happen where nobody disturbs it');
  });

  test('that fails everywhere alike, and one that is continued', async () => {
    expect(
      await verdictOn(async (ctx) => {
        await ctx.step('no', () => {
          throw new TerminalError('declined', { code: 'DECLINED' });
        });
      }),
    ).toBe('safe in many worlds');
    const effects = effectLog();
    const count = workflow({ name: 'count' }, async (ctx, left: number): Promise<number> => {
      await ctx.step('tick', ({ idempotencyKey }) => effects.happen(idempotencyKey, left));
      return left === 0 ? 0 : await ctx.continueAsNew(left - 1);
    });
    await expectCrashSafe(count, { input: 2, effects });
    expect(effects.all.map(({ value }) => value)).toEqual([2, 1, 0]);
  });

  test('whose approval, signal and answer are sent twice, and again after the crash', async () => {
    const { flow, effects } = judged(async (ctx, log) => {
      const { by } = await ctx.approval('gate', { message: 'Go?' });
      const size = await ctx.input<number>('size');
      const first = await ctx.signal<string>('word');
      await ctx.step('note', ({ idempotencyKey }) =>
        log.happen(idempotencyKey, [by ?? '', size, first ?? '']),
      );
      return await ctx.signal('word', undefined, { timeout: '1h' });
    });
    await expectCrashSafe(flow, {
      input: null,
      effects,
      act: async (actor, run) => {
        const open = run.steps.find(({ status }) => status === 'waiting');
        if (open?.kind === 'approval') await actor.approve(undefined, { by: 'ana' });
        if (open?.kind === 'input') await actor.answer(undefined, 42, { by: 'ana' });
        if (open?.path === 'word') await actor.signal('word', 'hello');
      },
    });
    expect(effects.all.at(-1)?.value).toEqual(['ana', 42, 'hello']);
  });
});

describe('a workflow is not safe', () => {
  test.each<[string, Run, RegExp]>([
    [
      'that has its effect outside of a step',
      async (ctx, effects) => {
        effects.happen('charge');
        await ctx.step('a', () => 1);
      },
      /undisturbed, effect "charge" happened outside of a step/,
    ],
    [
      'whose key is another one at every attempt',
      async (ctx, effects) => {
        await ctx.step('pay', () => effects.happen(String(Math.random())));
      },
      /killed .* call \d+ .*effect "0\.\d+" does not happen where nobody disturbs it .*only: \{ call: \d+/,
    ],
    [
      'that sends another value at the second attempt',
      async (ctx, effects) => {
        await ctx.step('pay', ({ idempotencyKey }) => effects.happen(idempotencyKey, effects.all.length));
      },
      /effect "run:pay" had another value: 1 in place of 0/,
    ],
    [
      'that decides by what it does not record',
      async (ctx, effects) => {
        await ctx.step('a', ({ idempotencyKey }) => effects.happen(idempotencyKey));
        if (effects.all.length % 2 === 1) await ctx.step('odd', () => 1);
        else await ctx.step('even', () => 1);
        await ctx.step('last', ({ idempotencyKey }) => effects.happen(idempotencyKey));
        return effects.all.length;
      },
      /the run is parked as diverged|the output is another one/,
    ],
    [
      'that forgets what it was told',
      (() => {
        let told = '';
        return async (ctx: WorkflowContext) => {
          if (told === '') told = await ctx.step('ask', () => 'yes');
          await ctx.step('b', () => 1);
          told = '';
          return told;
        };
      })(),
      /parked as diverged/,
    ],
    [
      'that waits for something that nobody does',
      async (ctx) => await ctx.signal('never'),
      /did not come to an end: it is waiting; what must happen belongs into `act`/,
    ],
  ])('%s', async (_what, run, message) => {
    expect(await verdictOn(run)).toMatch(message);
  });

  test('that may not fire twice and cannot say whether it did: the run parks', async () => {
    const verdict = await verdictOn(async (ctx, effects) => {
      const pay = ({ idempotencyKey }: { readonly idempotencyKey: string }) => effects.happen(idempotencyKey);
      await ctx.step('pay', pay, { atMostOnce: true });
    });
    expect(verdict).toMatch(/the run is parked as unknown_effect, and completed where nobody disturbs it/);
  });

  test('one world can be played alone', async () => {
    const { flow, effects } = judged(async (ctx, log) => {
      await ctx.step('pay', () => log.happen(String(Math.random())));
    });
    const message = await expectCrashSafe(flow, { input: null, effects }).then(String, String);
    const call = Number(/only: \{ call: (\d+)/.exec(message)?.[1]);
    const when = /when: '(\w+)'/.exec(message)?.[1] as 'before';
    await expect(expectCrashSafe(flow, { input: null, effects, only: { call, when } })).rejects.toThrow(
      'does not happen where nobody disturbs it',
    );
  });

  test('a world that never comes to its kill is no proof', async () => {
    const { flow } = judged(async () => 1);
    await expect(expectCrashSafe(flow, { input: null, only: { call: 999, when: 'after' } })).rejects.toThrow(
      /there is no call 999: the undisturbed run makes \d/,
    );
  });

  test('an option nobody knows is refused', async () => {
    const { flow } = judged(async () => 1);
    await expect(expectCrashSafe(flow, { input: null, effect: 1 } as never)).rejects.toThrow(
      'did you mean "effects"?',
    );
  });
});
