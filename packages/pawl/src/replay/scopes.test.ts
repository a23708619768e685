/** Promises of scopes: branches run at the same time within bounds, the first failure or the winner seals the others. */
import { describe, expect, test } from 'vitest';
import { handDriven, type HandDriven } from '../testing/index.ts';
import type { MapOptions, ParallelOptions, WorkflowContext } from './context.ts';

type Fn = (ctx: WorkflowContext) => Promise<unknown>;

async function started(run: Fn): Promise<HandDriven> {
  return await handDriven(run).start();
}

/** Steps that were asked for, in order. */
function asked(run: HandDriven): string[] {
  return run.recording.calls.map((call) => call.path);
}

function cancels(run: HandDriven): object[] {
  return run.commands.filter((command) => command.type === 'CancelCalls');
}

const failure = (message: string): object => ({ type: 'Fail', failure: { message } });
const one = (c: WorkflowContext): Promise<unknown> => c.step('s', () => 1);

/** A branch that ends while a step of it is open: the loser of a native race. */
async function leaving(c: WorkflowContext): Promise<unknown> {
  return await Promise.race([one(c), Promise.resolve('left')]);
}

function throwText(): never {
  throw 'plain' as unknown as Error;
}

function mapOf(items: readonly unknown[], options?: MapOptions<unknown>): Fn {
  return async (ctx) => await ctx.map('m', items, (_item, c) => one(c), options);
}

function parallelOf(options?: ParallelOptions): Fn {
  return async (ctx) => await ctx.parallel('p', { a: one, b: one, c: one }, options as never);
}

describe('parallel', () => {
  test('gives the value of each branch under its name', async () => {
    const run = await started(parallelOf());
    expect(asked(run)).toEqual(['p/a/s', 'p/b/s', 'p/c/s']);
    for (const [path, value] of [
      ['p/c/s', 3],
      ['p/a/s', 1],
      ['p/b/s', 2],
    ] as const)
      await run.end(path, 'ok', value);
    expect(run.ending).toEqual({ type: 'Complete', output: '{"a":1,"b":2,"c":3}' });
  });

  test('without branches gives nothing', async () => {
    expect((await started((ctx) => ctx.parallel('p', {}))).ending).toEqual({
      type: 'Complete',
      output: '{}',
    });
  });

  test('takes branches that are not async, and values that are no promises', async () => {
    const run = await started((ctx) => ctx.parallel('p', { a: () => 1, b: () => undefined }));
    expect(run.ending).toEqual({ type: 'Complete', output: '{"a":1}' });
  });

  test('fails with the first failure and cancels what is open elsewhere', async () => {
    const run = await started(parallelOf());
    await run.end('p/a/s', 'ok');
    await run.fail('p/b/s', 'B failed');
    expect(cancels(run)).toEqual([{ type: 'CancelCalls', paths: ['p/c/s'], reason: '"p" failed', after: 2 }]);
    expect(run.ending).toMatchObject(failure('B failed'));
  });

  test('fails with what a branch throws before its first call', async () => {
    const run = await started((ctx) =>
      ctx.parallel('p', {
        a: () => {
          throw new TypeError('oh');
        },
        b: one,
      }),
    );
    expect(run.ending).toMatchObject(failure('oh'));
    expect(cancels(run)).toMatchObject([{ paths: ['p/b/s'] }]);
  });

  test('with failFast off waits for all and gives failures as values', async () => {
    const run = await started(async (ctx) => {
      const ends = await ctx.parallel('p', { a: one, b: one, c: throwText }, { failFast: false });
      const told = (end: { ok: boolean; failure?: Error }): unknown => (end.ok ? end : end.failure?.message);
      return [told(ends.a), told(ends.b), told(ends.c)];
    });
    await run.fail('p/a/s', 'A failed');
    expect(run.ending).toBeUndefined();
    await run.end('p/b/s', 'ok', 2);
    expect(run.ending).toEqual({ type: 'Complete', output: '["A failed",{"ok":true,"value":2},"plain"]' });
    expect(cancels(run)).toEqual([]);
  });

  test('runs no more branches at a time than it was told, in their order', async () => {
    const run = await started(parallelOf({ concurrency: 2 }));
    expect(asked(run)).toEqual(['p/a/s', 'p/b/s']);
    await run.end('p/b/s', 'ok');
    expect(asked(run)).toEqual(['p/a/s', 'p/b/s', 'p/c/s']);
  });

  test('starts no further branch after a failure', async () => {
    let isStarted = false;
    const b = (): void => {
      isStarted = true;
    };
    const run = await started((ctx) => ctx.parallel('p', { a: one, b }, { concurrency: 1 }));
    await run.fail('p/a/s', 'A failed');
    expect(isStarted).toBe(false);
    expect(run.ending).toMatchObject(failure('A failed'));
  });

  test('that fails leaves alone what a branch left open that has ended', async () => {
    const run = await started((ctx) => ctx.parallel('p', { a: leaving, b: one }));
    await run.fail('p/b/s', 'B failed');
    expect(cancels(run)).toEqual([]);
    expect(run.ending).toMatchObject(failure('B failed'));
  });
});

describe('map', () => {
  test('gives results in the order of the items, and tells each its index', async () => {
    const run = await started((ctx) =>
      ctx.map('m', ['x', 'y'], async (item, c, index) => [item, index, await c.step('s', () => 1)]),
    );
    await run.end('m/item:1/s', 'ok', 2);
    await run.end('m/item:0/s', 'ok', 1);
    expect(run.ending).toEqual({ type: 'Complete', output: '[["x",0,1],["y",1,2]]' });
  });

  test('records the digest of its list, once, before its items', async () => {
    const run = await started(mapOf([1, { a: 2 }]));
    expect(run.commands[0]).toMatchObject({
      type: 'RecordMarker',
      path: 'm',
      marker: { kind: 'map', after: { n: 0 } },
    });
    const again = await started(mapOf([1, { a: 2 }]));
    expect(again.commands[0]).toEqual(run.commands[0]);
    expect((await started(mapOf([1, { a: 3 }]))).commands[0]).not.toEqual(run.commands[0]);
  });

  test('over nothing gives nothing', async () => {
    expect((await started(mapOf([]))).ending).toEqual({ type: 'Complete', output: '[]' });
  });

  test('runs 16 items at a time unless it is told otherwise', async () => {
    const items = Array.from({ length: 40 }, (_, index) => index);
    const run = await started(mapOf(items));
    expect(run.driver.openCount).toBe(16);
    await run.end('m/item:7/s', 'ok');
    expect(asked(run).at(-1)).toBe('m/item:16/s');
    expect((await started(mapOf(items, { concurrency: 3 }))).driver.openCount).toBe(3);
    expect((await started(mapOf(items, { concurrency: Number.POSITIVE_INFINITY }))).driver.openCount).toBe(
      40,
    );
  });

  test('fails with the first failure and cancels the others', async () => {
    const run = await started(mapOf([1, 2, 3], { concurrency: 2 }));
    await run.fail('m/item:1/s', 'second failed');
    expect(cancels(run)).toMatchObject([{ paths: ['m/item:0/s'], reason: '"m" failed', after: 1 }]);
    expect(asked(run)).toEqual(['m/item:0/s', 'm/item:1/s']);
    expect(run.ending).toMatchObject(failure('second failed'));
  });

  test('that fails leaves alone what an item left open that has ended', async () => {
    const run = await started((ctx) => ctx.map('m', [0, 1], (item, c) => (item === 0 ? leaving(c) : one(c))));
    await run.fail('m/item:1/s', 'second failed');
    expect(cancels(run)).toEqual([]);
    expect(run.ending).toMatchObject(failure('second failed'));
  });

  test('that needs fewer goes on over failures and leaves a gap for each', async () => {
    let results: readonly unknown[] = [];
    const run = await started(async (ctx) => {
      results = await ctx.map('m', [1, 2, 3], (_item, c) => one(c), { minSuccess: 2 });
      return results;
    });
    await run.fail('m/item:1/s');
    await run.end('m/item:0/s', 'ok', 1);
    expect(cancels(run)).toEqual([]);
    await run.end('m/item:2/s', 'ok', 3);
    expect(results).toEqual([1, undefined, 3]);
    expect(run.ending).toEqual({ type: 'Complete', output: '[1,null,3]' });
  });

  test('that got fewer than it needs fails with the first failed item as its cause', async () => {
    const run = await started(mapOf([1, 2, 3], { minSuccess: 2 }));
    await run.fail('m/item:2/s', 'third failed');
    await run.fail('m/item:1/s', 'second failed');
    expect(run.ending).toBeUndefined();
    await run.end('m/item:0/s', 'ok', 1);
    expect(run.ending).toMatchObject({
      type: 'Fail',
      failure: {
        class: 'terminal',
        code: 'MAP_TOO_FEW',
        message: '"m": 1 of 3 items succeeded, 2 were needed.',
        path: 'm',
        cause: { message: 'second failed', path: 'm/item:1/s' },
      },
      failedSteps: ['m/item:1/s', 'm/item:2/s'],
    });
  });
});

describe('race', () => {
  test('is won by the branch that settles first, and cancels the others with their waits', async () => {
    const run = await started((ctx) =>
      ctx.race('r', {
        work: one,
        stop: (c) => c.signal('stop'),
        late: async (c) => {
          await c.sleep('patience', '1m');
          return 'late';
        },
      }),
    );
    await run.end('r/late/patience', 'resolved');
    expect(cancels(run)).toEqual([
      { type: 'CancelCalls', paths: ['r/work/s'], reason: 'lost the race "r"', after: 1 },
      { type: 'CancelCalls', paths: ['r/stop/stop'], reason: 'lost the race "r"', after: 1 },
    ]);
    expect(run.ending).toEqual({ type: 'Complete', output: '{"winner":"late","value":"late"}' });
  });

  test('is lost with the failure of the branch that settles first', async () => {
    const run = await started((ctx) => ctx.race('r', { a: one, b: one }));
    await run.fail('r/a/s', 'A failed');
    expect(cancels(run)).toMatchObject([{ paths: ['r/b/s'] }]);
    expect(run.ending).toMatchObject(failure('A failed'));
  });

  test('of branches that have settled already is won by the first of them', async () => {
    const run = await started((ctx) => ctx.race('r', { a: () => 1, b: () => 2 }));
    expect(run.ending).toEqual({ type: 'Complete', output: '{"winner":"a","value":1}' });
  });

  test('is won once: a branch that settles in the same breath changes nothing', async () => {
    const run = await started((ctx) => ctx.race('r', { a: leaving, b: () => 2 }));
    expect(run.ending).toEqual({ type: 'Complete', output: '{"winner":"b","value":2}' });
    const again = await started((ctx) => ctx.race('r', { a: leaving, b: leaving }));
    expect(again.ending).toEqual({ type: 'Complete', output: '{"winner":"a","value":"left"}' });
    expect(cancels(again)).toMatchObject([{ paths: ['r/b/s'] }]);
  });

  test('seals what its losers have in scopes of their own', async () => {
    const run = await started((ctx) =>
      ctx.race('r', {
        a: (c) => c.parallel('p', { x: one, y: (d) => d.map('m', [1], (_item, e) => one(e)) }),
        b: one,
      }),
    );
    await run.end('r/b/s', 'ok');
    expect(cancels(run)).toMatchObject([{ paths: ['r/a/p/x/s', 'r/a/p/y/m/item:0/s'] }]);
  });

  test('over nothing is refused', async () => {
    expect((await started((ctx) => ctx.race('r', {}))).ending).toMatchObject({
      failure: { code: 'SCOPE_EMPTY', message: expect.stringContaining('race("r") has no branches.') },
    });
  });
});

describe('a sealed branch', () => {
  test('never goes on, whatever comes of its calls', async () => {
    const steps: string[] = [];
    const run = await started(async (ctx) => {
      await ctx.race('r', {
        slow: async (c) => {
          await c.step('s', () => 1);
          steps.push('slow went on');
        },
        fast: one,
      });
      await ctx.step('after', () => 1);
    });
    await run.end('r/fast/s', 'ok');
    expect(run.driver.openCalls.map((call) => call.path)).toEqual(['r/slow/s', 'after']);
    await run.end('r/slow/s', 'ok');
    await run.end('after', 'ok');
    expect(steps).toEqual([]);
    expect(run.ending).toMatchObject({ type: 'Complete' });
  });

  test('asks for nothing more, also where it waits for something that is not its own', async () => {
    const run = await started(async (ctx) => {
      const shared = ctx.step('shared', () => 1);
      await ctx.race('r', {
        a: async (c) => {
          await shared;
          await c.step('late', () => 1);
          await c.parallel('p', { x: one });
          await c.map('m', [1], () => 1);
        },
        b: one,
      });
      await shared;
    });
    await run.end('r/b/s', 'ok');
    await run.end('shared', 'ok');
    expect(asked(run)).toEqual(['shared', 'r/b/s']);
    expect(run.ending).toMatchObject({ type: 'Complete' });
  });

  test('whose call never reached the log is forgotten', async () => {
    const run = await started((ctx) => ctx.race('r', { a: one, b: () => 1 }));
    expect(run.driver.isOpen('r/a/s')).toBe(true);
    run.driver.drop('r/a/s');
    expect(run.driver.openCount).toBe(0);
  });
});

describe('a scope is refused', () => {
  test.each<[string, Fn, string, string]>([
    [
      'map over what is no list',
      (ctx) => ctx.map('m', 5 as never, () => 1),
      'OPTION_INVALID',
      'must be a list',
    ],
    [
      'map over what no journal holds',
      (ctx) => ctx.map('m', [5n], () => 1),
      'VALUE_INVALID',
      '$[0]: a BigInt',
    ],
    ['map of no items at a time', mapOf([1], { concurrency: 0 }), 'OPTION_INVALID', 'map "m".concurrency'],
    ['map of half an item', mapOf([1], { concurrency: 1.5 }), 'OPTION_INVALID', 'map "m".concurrency'],
    ['map that needs more than there are', mapOf([1], { minSuccess: 2 }), 'OPTION_INVALID', 'from 0 to 1'],
    ['map that needs less than nothing', mapOf([1], { minSuccess: -1 }), 'OPTION_INVALID', 'from 0 to 1'],
    ['map that needs half an item', mapOf([1], { minSuccess: 0.5 }), 'OPTION_INVALID', 'map "m".minSuccess'],
    [
      'parallel of no branches at a time',
      parallelOf({ concurrency: 0 }),
      'OPTION_INVALID',
      'parallel "p".conc',
    ],
    [
      'parallel of NaN branches',
      parallelOf({ concurrency: Number.NaN }),
      'OPTION_INVALID',
      'whole number from 1',
    ],
    [
      'a branch that is no function',
      (ctx) => ctx.parallel('p', { a: 1 as never }),
      'OPTION_INVALID',
      'branch "a"',
    ],
    [
      'a race of promises',
      (ctx) => ctx.race('r', { a: one(ctx) as never }),
      'OPTION_INVALID',
      'branch "a" of "r"',
    ],
  ])('%s', async (_what, fn, code, message) => {
    const run = await started(fn);
    const expected = { code, message: expect.stringContaining(message) };
    expect(run.ending).toMatchObject({ type: 'Fail', failure: expected });
  });

  test.each<[string, Fn]>([
    ['a list of branches that is none', (ctx) => ctx.parallel('p', undefined as never)],
    ['a race of nothing at all', (ctx) => ctx.race('r', null as never)],
    ['a map without a function', (ctx) => ctx.map('m', [1], undefined as never)],
  ])('%s, with a code that says what to do', async (_what, fn) => {
    expect((await started(fn)).ending).toMatchObject({ type: 'Fail', failure: { code: 'OPTION_INVALID' } });
  });
});
