/** Promises of the forgotten await: a run does not succeed over a step that nobody looked at, and says which. */
import { describe, expect, test } from 'vitest';
import { handDriven, type HandDriven } from '../testing/index.ts';
import type { WorkflowContext } from './context.ts';

type Fn = (ctx: WorkflowContext) => Promise<unknown>;

/** A step that the code makes and does not look at. */
function forget(promise: Promise<unknown>): void {
  void promise;
}

async function started(run: Fn): Promise<HandDriven> {
  return await handDriven(run).start();
}

function forgotten(paths: string): object {
  return {
    type: 'Fail',
    failure: {
      class: 'terminal',
      code: 'FORGOTTEN_AWAIT',
      message: `The function returned while nobody awaited ${paths}.`,
    },
    failedSteps: [],
  };
}

describe('a run fails when its function returns over', () => {
  const open: readonly [what: string, paths: string, run: Fn][] = [
    ['an open step', '"a"', async (ctx) => forget(ctx.step('a', () => 1))],
    ['an open child', '"fix"', async (ctx) => forget(ctx.workflow('fix', 1))],
    [
      'several',
      '"a", "b"',
      async (ctx) => {
        forget(ctx.step('b', () => 1));
        forget(ctx.step('a', () => 1));
      },
    ],
    [
      'a step that the branch of a parallel left open',
      '"p/x/a"',
      async (ctx) => {
        await ctx.parallel('p', { x: (c) => forget(c.step('a', () => 1)) });
      },
    ],
    [
      'a step that the winner of a race left open',
      '"r/x/a"',
      async (ctx) => {
        await ctx.race('r', { x: (c) => forget(c.step('a', () => 1)) });
      },
    ],
    [
      'a step that an item of a map left open',
      '"m/item:0/a"',
      async (ctx) => {
        await ctx.map('m', [1], (_item, c) => forget(c.step('a', () => 1)));
      },
    ],
    [
      'an open parallel and its steps',
      '"p"',
      async (ctx) => {
        forget(ctx.parallel('p', { x: (c) => c.step('a', () => 1) }));
      },
    ],
    ['an open race', '"r"', async (ctx) => forget(ctx.race('r', { x: (c) => c.step('a', () => 1) }))],
    ['an open map', '"m"', async (ctx) => forget(ctx.map('m', [1], (_item, c) => c.step('a', () => 1)))],
  ];

  test.each(open)('%s', async (_what, paths, run) => {
    expect((await started(run)).ending).toEqual(forgotten(paths));
  });

  test('a step that failed before anybody looked', async () => {
    const run = await started(async (ctx) => {
      forget(ctx.step('a', () => 1));
      await ctx.step('b', () => 1);
    });
    await run.fail('a');
    await run.end('b', 'ok');
    expect(run.ending).toEqual({ ...forgotten('"a"'), failedSteps: ['a'] });
    expect(run.unhandled).toEqual([]);
  });

  test('a parallel that failed before anybody looked', async () => {
    const run = await started(async (ctx) => {
      forget(ctx.parallel('p', { x: (c) => c.step('a', () => 1) }));
      await ctx.step('b', () => 1);
    });
    await run.fail('p/x/a');
    await run.end('b', 'ok');
    expect(run.ending).toMatchObject({ failure: forgotten('"p"')['failure' as never] });
  });

  test('a call that was refused before anything was asked', async () => {
    const run = await started(async (ctx) => {
      forget(ctx.step('two words', () => 1));
      forget(ctx.step('a', () => 1, { timeout: 'soon' }));
    });
    expect(run.ending).toMatchObject({ type: 'Fail', failure: { code: 'FORGOTTEN_AWAIT' } });
  });
});

describe('a run does not fail over', () => {
  test('a step that ended well without anybody looking', async () => {
    const run = await started(async (ctx) => {
      forget(ctx.step('a', () => 1));
      forget(ctx.parallel('p', { x: (c) => c.step('b', () => 1) }));
      await ctx.step('c', () => 1);
    });
    await run.end('a', 'ok');
    await run.end('p/x/b', 'ok');
    await run.end('c', 'ok');
    expect(run.ending).toMatchObject({ type: 'Complete' });
  });

  test('a step that failed before it was looked at, and was looked at then', async () => {
    const run = await started(async (ctx) => {
      const early = ctx.step('a', () => 1);
      await ctx.step('b', () => 1);
      return await early.catch(() => 'tolerated');
    });
    await run.fail('a');
    await run.end('b', 'ok');
    expect(run.ending).toEqual({ type: 'Complete', output: '"tolerated"' });
  });

  const looks: readonly [what: string, look: (call: Promise<unknown>, ctx: WorkflowContext) => unknown][] = [
    ['Promise.race', (call, ctx) => Promise.race([call, ctx.step('fast', () => 1)])],
    ['Promise.any', (call, ctx) => Promise.any([call, ctx.step('fast', () => 1)])],
    ['then', (call, ctx) => (call.then(() => undefined), ctx.step('fast', () => 1))],
    ['catch', (call, ctx) => (call.catch(() => undefined), ctx.step('fast', () => 1))],
    ['finally', (call, ctx) => (call.finally(() => undefined), ctx.step('fast', () => 1))],
    [
      'an await that came late',
      async (call, ctx) => {
        const later = (async () => await call)();
        forget(later);
        await ctx.step('fast', () => 1);
      },
    ],
  ];

  test.each(looks)('an open step that %s looked at', async (_what, look) => {
    const run = await started(
      async (ctx) =>
        await look(
          ctx.step('slow', () => 1),
          ctx,
        ),
    );
    await run.end('fast', 'ok', 1);
    expect(run.ending).toMatchObject({ type: 'Complete' });
  });

  test('an await in the same breath as the return', async () => {
    const run = await started(async (ctx) => {
      const call = ctx.step('a', () => 1);
      forget((async () => await call)());
    });
    expect(run.ending).toMatchObject({ type: 'Complete' });
  });

  test.each<[string, Fn]>([
    ['a signal', async (ctx) => forget(ctx.signal('go'))],
    ['a sleep', async (ctx) => forget(ctx.sleep('nap', '1s'))],
    ['an input', async (ctx) => forget(ctx.input('count'))],
    ['an approval', async (ctx) => forget(ctx.approval('gate', { message: 'ok?' }))],
  ])('%s that is open: waits have no effect', async (_what, run) => {
    expect((await started(run)).ending).toMatchObject({ type: 'Complete' });
  });

  test('what a sealed branch had not looked at yet: open, failed, and a scope of its own', async () => {
    const run = await started(async (ctx) => {
      await ctx.race('r', {
        slow: async (c) => {
          const parts = [
            c.step('open', () => 1),
            c.step('failed', () => 1),
            c.parallel('p', { x: (d) => d.step('deep', () => 1) }),
          ];
          await c.step('first', () => 1);
          await Promise.all(parts);
        },
        fast: (c) => c.step('b', () => 1),
      });
    });
    await run.fail('r/slow/failed');
    await run.end('r/fast/b', 'ok');
    expect(run.ending).toMatchObject({ type: 'Complete' });
  });

  test('what the function left when it threw: its own failure says more', async () => {
    const run = await started(async (ctx) => {
      forget(ctx.step('a', () => 1));
      throw new Error('oh');
    });
    expect(run.ending).toMatchObject({ type: 'Fail', failure: { code: 'WORKFLOW_THREW', message: 'oh' } });
  });

  test('what it left when it continued as new', async () => {
    const run = await started(async (ctx) => {
      forget(ctx.step('a', () => 1));
      await ctx.continueAsNew(1);
    });
    expect(run.ending).toEqual({ type: 'ContinueAsNew', input: '1' });
  });
});
