/** I2: code that asks for something else than the log holds is found before anything fires, and the difference is readable. */
import { describe, expect, test } from 'vitest';
import { handDriven, type HandDriven } from '../testing/index.ts';
import type { WorkflowContext } from './context.ts';

type Fn = (ctx: WorkflowContext) => Promise<unknown>;

/** Runs the old code as far as the ends go, then the new code against what was recorded. */
async function changed(old: Fn, fresh: Fn, ends: readonly string[] = []): Promise<HandDriven> {
  const before = await handDriven(old).start();
  for (const path of ends) await before.end(path, 'ok', 1);
  return await handDriven(fresh, { recording: before.recording }).start();
}

const step =
  (name: string, more: object = {}): Fn =>
  (ctx) =>
    ctx.step(name, () => 1, more);

describe('I2: a call of another sort than the recorded one', () => {
  const differences: readonly [what: string, difference: string, old: Fn, fresh: Fn][] = [
    [
      'another kind of step',
      '"a" is recorded as step, the code calls it as shell',
      step('a'),
      (ctx) => ctx.shell('a', 'ls'),
    ],
    [
      'a wait for a step',
      '"a" is recorded as step, the code calls it as sleep',
      step('a'),
      (ctx) => ctx.sleep('a', '1s'),
    ],
    [
      'another wait',
      '"a" is recorded as signal, the code calls it as input',
      (ctx) => ctx.signal('a'),
      (ctx) => ctx.input('a'),
    ],
    [
      'a step for a child',
      '"a" is recorded as workflow, the code calls it as step',
      (ctx) => ctx.workflow('a', 1),
      step('a'),
    ],
    [
      'another child',
      '"fix" is recorded with workflow fix-it, the code starts mend-it',
      (ctx) => ctx.workflow('fix-it', 1, { name: 'fix' }),
      (ctx) => ctx.workflow('mend-it', 1, { name: 'fix' }),
    ],
    [
      'another checked input',
      '"a" is recorded with another input than the code passes now',
      step('a', { input: { n: 1 }, check: true }),
      step('a', { input: { n: 2 }, check: true }),
    ],
    [
      'an input that is checked now and was not',
      '"a" is recorded with another input than the code passes now',
      step('a', { input: 1 }),
      step('a', { input: 1, check: true }),
    ],
    [
      'a map over another list',
      'map "m" goes over another list than the recorded one',
      (ctx) => ctx.map('m', [1, 2], (_item, c) => c.step('s', () => 1)),
      (ctx) => ctx.map('m', [2, 1], (_item, c) => c.step('s', () => 1)),
    ],
  ];

  test.each(differences)('is named: %s', async (_what, difference, old, fresh) => {
    const run = await changed(old, fresh);
    expect(run.driver.difference).toBe(difference);
    expect(run.driver.isCaughtUp).toBe(false);
    expect(run.commands).toEqual([]);
  });

  test.each(differences)(
    'is never served the answer of another call: %s',
    async (_what, difference, old, fresh) => {
      const before = await handDriven(old).start();
      const paths = before.driver.openCalls.map((call) => call.path);
      for (const path of paths) await before.end(path, 'ok', 1);
      const run = await handDriven(fresh, { recording: before.recording }).start();
      expect(run.driver.difference).toBe(difference);
      expect(run.ending).toBeUndefined();
      expect(run.deliveries).toEqual([]);
    },
  );

  test.each(differences)(
    'is found where its record stands late in the log too: %s',
    async (_what, difference, old, fresh) => {
      const { recording } = await handDriven(old).start();
      const run = await handDriven(fresh, { recording, expectsAhead: true }).start();
      expect(run.driver.difference).toBe(difference);
    },
  );

  test('is told of the first difference when there are several', async () => {
    const run = await changed(
      (ctx) => Promise.all([ctx.step('a', () => 1), ctx.step('b', () => 1)]),
      (ctx) => Promise.all([ctx.sleep('a', '1s'), ctx.sleep('b', '1s')]),
    );
    expect(run.driver.difference).toBe('"a" is recorded as step, the code calls it as sleep');
  });
});

describe('I2: what is no difference', () => {
  test('an input that is not checked, a label, a policy and the code of a step', async () => {
    const run = await changed(
      step('a', { input: 1, label: 'A', retry: 'none', timeout: '1s' }),
      async (ctx) => await ctx.step('a', () => 2, { input: 2, label: 'B', retry: 'io' }),
      ['a'],
    );
    expect(run.driver.difference).toBeUndefined();
    expect(run.ending).toEqual({ type: 'Complete', output: '1' });
  });

  test('a step that is called for the first time behind the end of the log', async () => {
    const run = await changed(
      step('a'),
      async (ctx) => {
        await ctx.step('a', () => 1);
        await ctx.step('new', () => 1);
      },
      ['a'],
    );
    expect(run.driver.difference).toBeUndefined();
    expect(run.commands).toMatchObject([{ type: 'ScheduleStep', step: { path: 'new' } }]);
  });
});

describe('I2: a call that the log holds and the code does not make', () => {
  test('is named, with what the code asks for instead: a renamed step does not fire twice', async () => {
    const before = await handDriven(step('old-name')).start();
    await before.end('old-name', 'ok');
    const run = await handDriven(step('new-name'), { recording: before.recording }).start();
    expect(run.driver.missingCalls).toEqual([{ path: 'old-name', kind: 'step', check: undefined, n: 0 }]);
    expect(run.driver.openCalls).toEqual([{ path: 'new-name', kind: 'step' }]);
    expect(run.driver.isReadyFor('new-name')).toBe(false);
    expect(run.commands).toEqual([]);
  });

  test('is known to be missing only from the place on where it was made', async () => {
    const beside = (names: readonly string[]) => async (ctx: WorkflowContext) => {
      const other = ctx.step('c', () => 1);
      for (const name of names) await ctx.step(name, () => 1);
      await other;
    };
    const before = await handDriven(beside(['a', 'b'])).start();
    const early = await handDriven(beside(['a']), { recording: before.recording }).start();
    expect(early.driver.isReadyFor('c')).toBe(true);
    await before.end('a', 'ok');
    const run = await handDriven(beside(['a']), { recording: before.recording, expectsAhead: true }).start();
    expect(run.driver.isReadyFor('c')).toBe(false);
    expect(run.driver.missingCalls.map(({ path }) => path)).toEqual(['b']);
  });

  test('is not missing any more once the code makes it, however late that is', async () => {
    const wait = Promise.withResolvers<void>();
    const fn: Fn = async (ctx) => {
      await wait.promise;
      return await ctx.step('a', () => 1);
    };
    const run = handDriven(fn);
    run.driver.start();
    run.driver.expect({ path: 'a', kind: 'step', check: undefined, n: 0 });
    await run.quiet();
    expect(run.driver.missingCalls).toHaveLength(1);
    const before = run.activity;
    wait.resolve();
    await run.quiet();
    expect(run.activity).toBeGreaterThan(before);
    expect(run.driver.missingCalls).toEqual([]);
    expect(run.driver.isOpen('a')).toBe(true);
  });
});

describe('before it has caught up', () => {
  test('nothing is asked for, whatever the function calls', async () => {
    const run = handDriven(async (ctx) => {
      ctx.set({ n: 1 });
      void ctx.map('m', [1], (_item, c) => c.step('s', () => 1));
      void ctx.race('r', { a: (c) => c.step('s', () => 1), b: () => 1 });
      await ctx.step('a', () => 1);
    });
    run.driver.start();
    await run.take();
    expect(run.commands).toEqual([]);
    run.driver.catchUp();
    await run.take();
    expect(run.commands.map((command) => command.type)).toEqual([
      'PatchState',
      'RecordMarker',
      'CancelCalls',
      'ScheduleStep',
      'ScheduleStep',
    ]);
  });

  test('the end of the function is not asked for either', async () => {
    const run = handDriven(async () => 5);
    run.driver.start();
    await run.take();
    expect(run.driver.hasEnded).toBe(true);
    expect(run.commands).toEqual([]);
  });
});

describe('when it has caught up', () => {
  test('recorded steps without an end are asked for again, recorded waits and children are open already', async () => {
    const fn: Fn = (ctx) =>
      Promise.all([ctx.step('a', () => 1), ctx.sleep('nap', '1s'), ctx.workflow('fix', 1), ctx.signal('go')]);
    const before = await handDriven(fn).start();
    const run = await handDriven(fn, { recording: before.recording }).start();
    expect(run.commands).toMatchObject([{ type: 'ScheduleStep', step: { path: 'a', after: { n: 0 } } }]);
    expect(run.driver.openCount).toBe(4);
  });

  test('calls that the log does not hold are asked for in the order in which they were made', async () => {
    const fn: Fn = (ctx) => Promise.all([ctx.sleep('z', '1s'), ctx.step('y', () => 1), ctx.workflow('x', 1)]);
    const run = await handDriven(fn).start();
    expect(run.recording.calls.map((call) => call.path)).toEqual(['z', 'y', 'x']);
  });

  test('a step whose end comes before it was asked for is not asked for', async () => {
    const run = handDriven(step('a'));
    run.driver.start();
    await run.quiet();
    run.driver.catchUp();
    run.driver.deliver({ path: 'a', kind: 'step', outcome: 'ok', payload: '5', endedAt: 1 });
    await run.take();
    expect(run.commands).toEqual([{ type: 'Complete', output: '5' }]);
  });
});
