/** Parallel, race and map: what their branches did is recorded, the losers are sealed, good results are kept. */
import { StepFailed, TerminalError, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { openBetween } from './support/between-store.ts';
import { abortOf, newGate } from './support/gate.ts';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { codeOf, storyOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

async function started(run: Run) {
  const one = flow(run);
  const opened = await openEngine([one]);
  const handle = await opened.engine.start(one, null, { id: 'run' });
  await opened.platform.settle();
  return { ...opened, run: handle };
}

async function stepsOf(engine: Awaited<ReturnType<typeof started>>['engine']): Promise<readonly string[]> {
  const { steps } = await engine.runs.get('run');
  return steps.map(({ path, status }) => `${path} ${status}`).toSorted();
}

type Failing = () => Promise<never>;

function fail(message: string): Failing {
  return () => Promise.reject(new TerminalError(message));
}

describe('I8: parallel branches', () => {
  test('that are cancelled by the first failure are recorded as cancelled, not left running', async () => {
    const aborted: string[] = [];
    const { engine, platform, run } = await started(async (ctx) => {
      const result = await ctx
        .parallel('p', {
          slow: (c) => c.step('work', ({ signal }) => abortOf(signal).then(() => aborted.push('slow'))),
          waiting: (c) => c.signal('never'),
          bad: async (c) => {
            await c.sleep('soon', '1s');
            await c.step('work', fail('broken'));
          },
        })
        .catch((error: StepFailed) => error.message);
      await ctx.sleep('after', '10s');
      return result;
    });
    await platform.advance(2_000);
    expect(await run.status()).toBe('waiting');
    expect(aborted).toEqual(['slow']);
    expect(await stepsOf(engine)).toEqual([
      'after waiting',
      'p/bad/soon completed',
      'p/bad/work failed',
      'p/slow/work cancelled',
      'p/waiting/never cancelled',
    ]);
    await platform.advance(10_000);
    expect(await run.result()).toBe('broken');
  });

  test('give their results with their names, in any order of ending', async () => {
    const { platform, run } = await started((ctx) =>
      ctx.parallel('p', {
        late: (c) => c.sleep('rest', '5s').then(() => 'late'),
        early: (c) => c.step('work', () => 'early'),
        plain: () => 'plain',
      }),
    );
    await platform.advance(5_000);
    expect(await run.result()).toEqual({ late: 'late', early: 'early', plain: 'plain' });
  });

  test('keep what went well where failFast is off: failures are values', async () => {
    const { engine, run } = await started(async (ctx) => {
      const settled = await ctx.parallel(
        'p',
        {
          good: (c) => c.step('work', () => 'kept'),
          bad: (c) => c.step('work', fail('broken')),
          worse: () => Promise.reject(new Error('outside of a step')),
        },
        { failFast: false },
      );
      const { good, bad, worse } = settled;
      return [
        good.ok && good.value,
        !bad.ok && bad.failure instanceof StepFailed && bad.failure.path,
        !worse.ok && worse.failure.message,
      ];
    });
    expect(await run.result()).toEqual(['kept', 'p/bad/work', 'outside of a step']);
    expect(await stepsOf(engine)).toEqual(['p/bad/work failed', 'p/good/work completed']);
  });

  test('run no more at a time than asked', async () => {
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      running++;
      most = Math.max(most, running);
      await Promise.resolve();
      running--;
    };
    const branches = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`b${index}`, (c: WorkflowContext) => c.step('work', work)]),
    );
    const { run } = await started((ctx) => ctx.parallel('p', branches, { concurrency: 3 }));
    await run.result();
    expect(most).toBeLessThanOrEqual(3);
  });

  test('of a second call of one name have paths of their own', async () => {
    const { engine, run } = await started(async (ctx) => {
      await ctx.parallel('p', { a: (c) => c.step('work', () => 1) });
      await ctx.parallel('p', { a: (c) => c.step('work', () => 2) });
    });
    await run.result();
    expect(await stepsOf(engine)).toEqual(['p#2/a/work completed', 'p/a/work completed']);
  });
});

describe('a race', () => {
  test('is won by the first to settle; the losers are aborted, their waits closed, and never heard of again', async () => {
    const heard: string[] = [];
    const { engine, platform, run } = await started(async (ctx) => {
      const won = await ctx.race('r', {
        slow: async (c) => {
          await c.step('work', ({ signal }) => abortOf(signal)).catch(() => heard.push('failed'));
          heard.push('went on');
          await c.step('more', () => heard.push('more'));
        },
        waiting: (c) => c.approval('gate', { message: 'Go?' }).finally(() => heard.push('gate')),
        quick: (c) => c.sleep('soon', '1s').then(() => 7),
      });
      await ctx.sleep('rest', '1s');
      return won;
    });
    await platform.advance(5_000);
    expect(await run.result()).toEqual({ winner: 'quick', value: 7 });
    expect(heard).toEqual([]);
    expect(await stepsOf(engine)).toEqual([
      'r/quick/soon completed',
      'r/slow/work cancelled',
      'r/waiting/gate cancelled',
      'rest completed',
    ]);
  });

  test('is lost with a failure where the first to settle fails', async () => {
    const { platform, run } = await started((ctx) =>
      ctx
        .race('r', { bad: (c) => c.step('work', fail('broken')), late: (c) => c.sleep('late', '1m') })
        .catch((error: StepFailed) => error.message),
    );
    await platform.settle();
    expect(await run.result()).toBe('broken');
  });

  test('of native promises leaves the loser open, to be awaited later', async () => {
    const { platform, run } = await started(async (ctx) => {
      const slow = ctx.sleep('slow', '5s').then(() => 'slow');
      const winner = await Promise.race([slow, ctx.sleep('quick', '1s').then(() => 'quick')]);
      return [winner, await slow];
    });
    await platform.advance(6_000);
    expect(await run.result()).toEqual(['quick', 'slow']);
  });

  test('cancels the child run of a loser', async () => {
    const child = workflow({ name: 'child' }, (ctx) => ctx.signal('never'));
    const one = flow(async (ctx) => {
      const { winner } = await ctx.race('r', {
        child: (c) => c.workflow(child, null),
        time: (c) => c.sleep('t', '1s'),
      });
      await ctx.sleep('rest', '1s');
      return winner;
    });
    const { engine, platform } = await openEngine([one, child]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(5_000);
    expect(await run.result()).toBe('time');
    expect((await engine.runs.list({ parentRunId: 'run' }))[0]?.status).toBe('cancelled');
  });

  test('whose loser slept for as long cancels nothing: its sleep is over', async () => {
    const { engine, platform, run } = await started(async (ctx) => {
      const { winner } = await ctx.race('r', { a: (c) => c.sleep('x', '1s'), b: (c) => c.sleep('y', '1s') });
      await ctx.step('after', () => 1);
      return winner;
    });
    await platform.advance(5_000);
    expect(await run.result()).toBe('a');
    const story = await storyOf(engine, 'run');
    expect(story).toContain('wait.resolved r/b/y');
    expect(story).not.toContain('wait.cancelled r/b/y');
  });

  test('cancels the child run that its loser begins in the moment in which it is lost', async () => {
    const child = workflow({ name: 'child' }, async (ctx) => await ctx.signal('never'));
    const one = flow(async (ctx) => {
      const nap = ctx.sleep('nap', '1s');
      await ctx.race('r', {
        a: () => nap,
        b: async (c) => {
          await nap;
          return await c.workflow(child, null);
        },
      });
      await ctx.sleep('long', '1h');
    });
    const { engine, platform } = await openEngine([one, child]);
    await engine.start(one, null, { id: 'run' });
    await platform.advance(10_000);
    const runs = await engine.runs.list({ workflow: 'child' });
    expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 'cancelled'));
    expect(await storyOf(engine, 'run')).not.toContain('wait.cancelled r/b/child');
  });

  test('keeps its losers sealed after a restart', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const one = flow(async (ctx) => {
      const { winner } = await ctx.race('r', {
        slow: async (c) => {
          await c.step('work', ({ signal }) => abortOf(signal));
          await c.step('more', () => fired.push('more'));
        },
        quick: (c) => c.sleep('soon', '1s'),
      });
      await ctx.sleep('rest', '10s');
      return winner;
    });
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(2_000);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 2_000 });
    await second.platform.advance(20_000);
    expect((await second.engine.runs.get('run')).output).toBe('quick');
    expect(fired).toEqual([]);
    expect(
      (await storyOf(second.engine, 'run')).filter((line) => line === 'step.started r/slow/work'),
    ).toHaveLength(1);
  });

  test('whose loser has just ended keeps that end: nothing is cancelled behind it', async () => {
    const [quick, slow, decides, follows] = [newGate<string>(), newGate<string>(), newGate(), newGate()];
    const { store } = await openBetween(fakePlatform(), {
      before: async (batches) => {
        const ended = batches.flatMap(({ events }) => events.filter(({ type }) => type === 'step.completed'));
        if (ended.some(({ path }) => path === 'r/quick/work')) await decides.opened;
        if (ended.some(({ path }) => path === 'r/slow/work')) await follows.opened;
      },
    });
    const one = flow(async (ctx) => {
      const won = await ctx.race('r', {
        quick: (c) => c.step('work', () => quick.opened),
        slow: (c) => c.step('work', () => slow.opened),
      });
      await ctx.sleep('after', '1s');
      return won;
    });
    const { engine, platform } = await openEngine([one], { store });
    await engine.start(one, null, { id: 'run' });
    await platform.settle();
    quick.open('in time');
    await platform.settle();
    slow.open('too late'); // its end goes with the commit behind the one that decides the race
    await platform.settle();
    decides.open();
    await platform.settle();
    follows.open();
    await platform.advance(2_000);
    expect((await engine.runs.get('run')).output).toEqual({ winner: 'quick', value: 'in time' });
    expect((await storyOf(engine, 'run')).filter((line) => line.includes('r/slow'))).toEqual([
      'step.started r/slow/work',
      'step.completed r/slow/work',
    ]);
  });

  test('asks `reconcile` of a loser in vain: what it says afterwards is not recorded', async () => {
    const store = newDatabase();
    const answer = newGate();
    const asked: string[] = [];
    const one = flow(async (ctx) => {
      const reconcile = async ({ idempotencyKey }: { readonly idempotencyKey: string }) => {
        asked.push(idempotencyKey);
        await answer.opened;
        return { happened: true, output: 'receipt' } as const;
      };
      const won = await ctx.race('r', {
        quick: (c) => c.sleep('soon', '1s'),
        slow: (c) => c.step('pay', () => newGate().opened, { atMostOnce: true, reconcile }),
      });
      await ctx.sleep('after', '10s');
      return won.winner;
    });
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const { engine, platform } = await openEngine([one], { store, seed: 2, laterMs: 100 });
    await platform.advance(5_000);
    answer.open();
    await platform.advance(20_000);
    expect(asked).toEqual(['run:r/slow/pay']);
    expect((await storyOf(engine, 'run')).filter((line) => line.includes('pay'))).toEqual([
      'step.started r/slow/pay',
      'step.cancelled r/slow/pay',
    ]);
    expect((await engine.runs.get('run')).output).toBe('quick');
  });
});

describe('a map', () => {
  const items = ['a', 'b', 'c', 'd', 'e'];

  test('gives results in the order of its items, whatever ends first', async () => {
    const { platform, run } = await started((ctx) =>
      ctx.map('m', [3, 1, 2], (seconds, c) => c.sleep('rest', seconds * 1_000).then(() => seconds * 10)),
    );
    await platform.advance(5_000);
    expect(await run.result()).toEqual([30, 10, 20]);
  });

  test('runs sixteen items at a time, or as many as asked', async () => {
    const gates = Array.from({ length: 40 }, () => newGate());
    const begun: number[] = [];
    const mapping =
      (concurrency?: number): Run =>
      async (ctx) => {
        await ctx.map(
          'm',
          gates.map((_gate, index) => index),
          (index, c) =>
            c.step('work', () => {
              begun.push(index);
              return gates[index]?.opened;
            }),
          concurrency === undefined ? {} : { concurrency },
        );
      };
    const { platform } = await started(mapping());
    expect(begun).toHaveLength(16);
    gates[0]?.open();
    await platform.settle();
    expect(begun).toHaveLength(17);
    begun.length = 0;
    await started(mapping(2));
    expect(begun).toEqual([0, 1, 2]);
  });

  test('names its items by index, or by a key', async () => {
    const { engine, run } = await started(async (ctx) => {
      await ctx.map('plain', ['x'], (_item, c) => c.step('work', () => 1));
      await ctx.map('keyed', ['x', 'y'], (_item, c) => c.step('work', () => 1), { key: (item) => item });
    });
    await run.result();
    expect(await stepsOf(engine)).toEqual([
      'keyed/x/work completed',
      'keyed/y/work completed',
      'plain/item:0/work completed',
    ]);
  });

  test('is failed by the first failure of an item, and cancels the others', async () => {
    const { engine, run } = await started((ctx) =>
      ctx
        .map('m', items, (item, c) =>
          c.step('work', ({ signal }) => (item === 'c' ? fail('c broke')() : abortOf(signal))),
        )
        .catch((error: StepFailed) => error.message),
    );
    expect(await run.result()).toBe('c broke');
    expect((await stepsOf(engine)).filter((line) => line.endsWith('running'))).toEqual([]);
  });

  test('may be content with fewer: failed items are undefined in its results', async () => {
    const { run } = await started(async (ctx) => {
      const results = await ctx.map(
        'm',
        items,
        (item, c) => c.step('work', () => (item === 'b' || item === 'd' ? fail('no')() : item)),
        { minSuccess: 3 },
      );
      return results.map((result) => result ?? 'failed');
    });
    expect(await run.result()).toEqual(['a', 'failed', 'c', 'failed', 'e']);
  });

  test('fails with what went wrong where too few items succeeded', async () => {
    const { run } = await started((ctx) =>
      ctx
        .map('m', items, (item, c) => c.step('work', () => (item === 'a' ? item : fail(`${item} broke`)())), {
          minSuccess: 2,
        })
        .catch(({ code, message, cause }: StepFailed) => [code, message, (cause as Error).message]),
    );
    expect(await run.result()).toEqual([
      'MAP_TOO_FEW',
      '"m": 1 of 5 items succeeded, 2 were needed.',
      'b broke',
    ]);
  });

  test('over another list than the recorded one parks the run before anything fires', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const mapping = (list: readonly string[]): Workflow<unknown, unknown> =>
      flow((ctx) =>
        ctx.map('m', list, async (item, c) => {
          await c.step('work', () => fired.push(item));
          await c.sleep('rest', '10s');
        }),
      );
    const first = await openMortal([mapping(['a', 'b'])], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([mapping(['b', 'a', 'c'])], { store, seed: 2, laterMs: 100 });
    await second.platform.advance(20_000);
    const { parked } = await second.engine.runs.get('run');
    expect(parked).toMatchObject({ reason: 'diverged' });
    expect(parked?.message).toContain('map "m"');
    expect(fired).toEqual(['a', 'b']);
  });
});

describe('the arguments of a scope', () => {
  test.each<[string, string, Run]>([
    ['a race without branches', 'SCOPE_EMPTY', (ctx) => ctx.race('r', {})],
    [
      'a parallel of no branches at a time',
      'OPTION_INVALID',
      (ctx) => ctx.parallel('p', {}, { concurrency: 0 }),
    ],
    [
      'a map of half an item at a time',
      'OPTION_INVALID',
      (ctx) => ctx.map('m', [1], () => 1, { concurrency: 0.5 }),
    ],
    ['more successes than items', 'OPTION_INVALID', (ctx) => ctx.map('m', [1], () => 1, { minSuccess: 2 })],
    ['two items of one key', 'OPTION_INVALID', (ctx) => ctx.map('m', [1, 2], () => 1, { key: () => 'same' })],
    ['a key that is no name', 'NAME_INVALID', (ctx) => ctx.map('m', [1], () => 1, { key: () => 'a/b' })],
    ['a list that is none', 'OPTION_INVALID', (ctx) => ctx.map('m', 'list' as unknown as [], () => 1)],
    ['a branch that is no function', 'OPTION_INVALID', (ctx) => ctx.parallel('p', { a: 1 as never })],
    ['a branch whose name is none', 'NAME_INVALID', (ctx) => ctx.race('r', { 'a b': () => 1 })],
  ])('are refused for %s with %s, and nothing is recorded of it', async (_what, code, call) => {
    const { engine, run } = await started((ctx) => codeOf(() => call(ctx)));
    expect(await run.result()).toBe(code);
    expect(await stepsOf(engine)).toEqual([]);
  });
});
