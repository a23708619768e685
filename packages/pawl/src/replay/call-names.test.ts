/** Promises of names: a call is known by its scope, name and occurrence, and two open calls of one name are an error. */
import { describe, expect, test } from 'vitest';
import { handDriven } from '../testing/index.ts';
import type { WorkflowContext } from './context.ts';

const paths = (run: {
  readonly driver: { readonly openCalls: readonly { readonly path: string }[] };
}): string[] => run.driver.openCalls.map((call) => call.path);

const item = (_: unknown, c: WorkflowContext): Promise<number> => c.step('s', () => 1);

async function both(c: WorkflowContext): Promise<void> {
  await c.step('a', () => 1);
  await c.step('a', () => 1);
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => 'ok',
    (error: unknown) => (error as { code?: unknown }).code,
  );
}

describe('a path', () => {
  test('of a repeated name counts its occurrences', async () => {
    const run = await handDriven(async (ctx) => {
      for (let round = 0; round < 3; round++) await ctx.step('lint', () => 1);
      await ctx.step('ship', () => 1);
    }).start();
    await run.end('lint', 'ok');
    await run.end('lint#2', 'ok');
    await run.fail('lint#3');
    expect(run.ending).toMatchObject({ type: 'Fail', failedSteps: ['lint#3'] });
  });

  test('counts the same name in each scope from the beginning', async () => {
    const run = await handDriven(async (ctx) => {
      await Promise.all([ctx.parallel('p', { x: both, y: both }), ctx.step('a', () => 1)]);
    }).start();
    expect(paths(run)).toEqual(['p/x/a', 'p/y/a', 'a']);
    await run.end('p/y/a', 'ok');
    expect(paths(run)).toEqual(['p/x/a', 'a', 'p/y/a#2']);
  });

  test('of a call in nested scopes holds all of them', async () => {
    const run = await handDriven(async (ctx) => {
      await ctx.map('items', ['x', 'y'], (_item, c) =>
        c.race('first', { a: (d) => d.parallel('p', { z: (e) => e.sleep('nap', '1s') }) }),
      );
    }).start();
    expect(paths(run)).toEqual(['items/item:0/first/a/p/z/nap', 'items/item:1/first/a/p/z/nap']);
  });

  test('of a repeated scope counts the scope', async () => {
    const run = await handDriven(async (ctx) => {
      const scope = (): Promise<unknown> => ctx.parallel('p', { a: (c) => c.step('s', () => 1) });
      await scope();
      await Promise.all([scope(), scope()]);
    }).start();
    await run.end('p/a/s', 'ok');
    expect(paths(run)).toEqual(['p#2/a/s', 'p#3/a/s']);
  });

  test('of a scope and of a step with one name are not the same', async () => {
    const run = await handDriven(async (ctx) => {
      await ctx.step('p', () => 1);
      await ctx.parallel('p', { a: (c) => c.step('p', () => 1) });
    }).start();
    await run.end('p', 'ok');
    expect(paths(run)).toEqual(['p#2/a/p']);
  });

  test('of an item is the key where the list has one', async () => {
    const items = [{ id: 'eu' }, { id: 'us' }];
    const run = await handDriven(async (ctx) => {
      await ctx.map('deploy', items, (_item, c) => c.step('ship', () => 1), { key: (item) => item.id });
    }).start();
    expect(paths(run)).toEqual(['deploy/eu/ship', 'deploy/us/ship']);
  });

  test('of a child is the name of its workflow unless it is given one', async () => {
    const run = await handDriven(async (ctx) => {
      await Promise.all([ctx.workflow('fix', 1), ctx.workflow('fix', 2, { name: 'again' })]);
    }).start();
    expect(run.driver.openCalls).toEqual([
      { path: 'fix', kind: 'workflow' },
      { path: 'again', kind: 'workflow' },
    ]);
  });
});

describe('a name', () => {
  const bad = 'two words';
  const calls: readonly [what: string, call: (ctx: WorkflowContext) => Promise<unknown>][] = [
    ['step', (ctx) => ctx.step(bad, () => 1)],
    ['shell', (ctx) => ctx.shell(bad, 'ls')],
    ['http', (ctx) => ctx.http(bad, { url: 'http://a' })],
    ['operation', (ctx) => ctx.operation(bad, 'mail')],
    ['workflow', (ctx) => ctx.workflow('fix', 1, { name: bad })],
    ['approval', (ctx) => ctx.approval(bad, { message: 'ok?' })],
    ['input', (ctx) => ctx.input(bad)],
    ['signal', (ctx) => ctx.signal(bad)],
    ['sleep', (ctx) => ctx.sleep(bad, '1s')],
    ['map', (ctx) => ctx.map(bad, [1], item)],
    ['parallel', (ctx) => ctx.parallel(bad, { a: () => 1 })],
    ['race', (ctx) => ctx.race(bad, { a: () => 1 })],
    ['a branch of parallel', (ctx) => ctx.parallel('p', { [bad]: () => 1 })],
    ['a branch of race', (ctx) => ctx.race('p', { [bad]: () => 1 })],
    ['an item of map', (ctx) => ctx.map('m', [1], item, { key: () => bad })],
  ];

  test.each(calls)('that cannot be part of a path is refused by %s', async (_what, call) => {
    const run = await handDriven(async (ctx) => await codeOf(call(ctx))).start();
    expect(run.commands.filter((command) => command.type !== 'RecordMarker')).toEqual([
      { type: 'Complete', output: '"NAME_INVALID"' },
    ]);
  });

  test('that names two items of a list is refused', async () => {
    const run = await handDriven(async (ctx) => {
      await ctx.map('m', [1, 2], item, { key: () => 'same' });
    }).start();
    expect(run.ending).toMatchObject({
      failure: { code: 'OPTION_INVALID', message: expect.stringContaining('"same" names two items') },
    });
  });
});

describe('two open calls of one name', () => {
  const overlaps: readonly [what: string, second: (ctx: WorkflowContext) => Promise<unknown>][] = [
    ['step', (ctx) => ctx.step('a', () => 1)],
    ['shell', (ctx) => ctx.shell('a', 'ls')],
    ['workflow', (ctx) => ctx.workflow('a', 1)],
    ['approval', (ctx) => ctx.approval('a', { message: 'ok?' })],
    ['input', (ctx) => ctx.input('a')],
    ['signal', (ctx) => ctx.signal('a')],
  ];

  test.each(overlaps)('are an error, where the second is a %s', async (_what, second) => {
    const run = await handDriven(async (ctx) => {
      const first = ctx.step('a', () => 1);
      const code = await codeOf(second(ctx));
      await first;
      return code;
    }).start();
    expect(paths(run)).toEqual(['a']);
    await run.end('a', 'ok');
    expect(run.ending).toEqual({ type: 'Complete', output: '"STEP_NAME_OPEN"' });
  });

  test('are none when the first has ended or was sealed', async () => {
    const run = await handDriven(async (ctx) => {
      await ctx.step('a', () => 1);
      await ctx.race('r', { slow: (c) => c.step('a', () => 1), fast: (c) => c.step('b', () => 1) });
      await ctx.step('a', () => 1);
    }).start();
    await run.end('a', 'ok');
    await run.end('r/fast/b', 'ok');
    expect(paths(run)).toEqual(['r/slow/a', 'a#2']);
  });

  test('are allowed for sleeps: each takes the next occurrence', async () => {
    const run = await handDriven(async (ctx) => {
      await Promise.race([ctx.sleep('nap', '1s'), ctx.sleep('nap', '2s')]);
    }).start();
    expect(paths(run)).toEqual(['nap', 'nap#2']);
  });
});

describe('a signal that is open', () => {
  test('gives the same promise to everybody who asks in its scope', async () => {
    const run = await handDriven(async (ctx) => {
      const [first, second] = [ctx.signal('go'), ctx.signal('go')];
      return [first === second, await first, await second];
    }).start();
    expect(paths(run)).toEqual(['go']);
    await run.end('go', 'received', 5);
    expect(run.ending).toEqual({ type: 'Complete', output: '[true,5,5]' });
  });

  test('takes every message in a loop that races it', async () => {
    const run = await handDriven(async (ctx) => {
      const seen: unknown[] = [];
      for (let round = 0; seen.length < 3; round++)
        await Promise.race([ctx.signal('go').then((value) => seen.push(value)), ctx.sleep('tick', '1s')]);
      return seen.length;
    }).start();
    await run.end('tick', 'resolved');
    await run.end('tick#2', 'resolved');
    expect(paths(run)).toEqual(['go', 'tick#3']);
  });

  test('is another one in another scope, and after its end', async () => {
    const run = await handDriven(async (ctx) => {
      const here = ctx.signal('go');
      await ctx.parallel('p', { a: (c) => c.signal('go') });
      await here;
      await ctx.signal('go');
    }).start();
    expect(paths(run)).toEqual(['go', 'p/a/go']);
    await run.end('go', 'received', 1);
    await run.end('p/a/go', 'received', 2);
    expect(paths(run)).toEqual(['go#2']);
  });
});
