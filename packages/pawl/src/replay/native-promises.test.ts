/** P2: native promises over ctx calls settle in the order of the log, live and on replay alike. */
import { describe, expect, test } from 'vitest';
import { handDriven, type HandDriven } from '../testing/index.ts';
import type { WorkflowContext } from './context.ts';

type Fn = (ctx: WorkflowContext) => Promise<unknown>;

const both = (ctx: WorkflowContext): Promise<number>[] => [ctx.step('a', () => 1), ctx.step('b', () => 2)];

/** Runs live with ends in the given order, then replays what was recorded: both must end alike. */
async function driven(fn: Fn, order: (run: HandDriven) => Promise<unknown>): Promise<HandDriven> {
  const run = await handDriven(fn).start();
  await order(run);
  const again = await handDriven(fn, { recording: run.recording }).start();
  expect(again.ending).toEqual(run.ending);
  return run;
}

async function bThenA(run: HandDriven): Promise<void> {
  await run.end('b', 'ok', 'B');
  await run.end('a', 'ok', 'A');
}

async function bFailsThenA(run: HandDriven): Promise<void> {
  await run.fail('b', 'B failed');
  await run.end('a', 'ok', 'A');
}

async function bFails(run: HandDriven): Promise<void> {
  await run.fail('b', 'B failed');
}

async function bothFail(run: HandDriven): Promise<void> {
  await run.fail('b', 'B failed');
  await run.fail('a', 'A failed');
}

const completed = (value: unknown): object => ({ type: 'Complete', output: JSON.stringify(value) });

describe('P2: Promise.race', () => {
  test('is won by what ended first, not by what was called first', async () => {
    expect((await driven((ctx) => Promise.race(both(ctx)), bThenA)).ending).toEqual(completed('B'));
  });

  test('is lost by a failure that came first', async () => {
    const run = await driven((ctx) => Promise.race(both(ctx)), bFails);
    expect(run.ending).toMatchObject({ type: 'Fail', failure: { message: 'B failed' } });
  });

  test('leaves its losers open: their ends count later', async () => {
    const run = await driven(async (ctx) => {
      const calls = both(ctx);
      const first = await Promise.race(calls);
      return [first, await calls[0]];
    }, bThenA);
    expect(run.ending).toEqual(completed(['B', 'A']));
  });
});

describe('P2: Promise.all', () => {
  test('gives values in the order of the calls', async () => {
    expect((await driven((ctx) => Promise.all(both(ctx)), bThenA)).ending).toEqual(completed(['A', 'B']));
  });

  test('fails with what failed first', async () => {
    const run = await driven((ctx) => Promise.all(both(ctx)), bFails);
    expect(run.ending).toMatchObject({ type: 'Fail', failure: { message: 'B failed' } });
  });

  test('goes on behind a failure that was tolerated', async () => {
    const run = await driven(
      async (ctx) => await Promise.all(both(ctx).map((call) => call.catch(() => 'tolerated'))),
      bFailsThenA,
    );
    expect(run.ending).toEqual(completed(['A', 'tolerated']));
  });
});

describe('P2: Promise.any', () => {
  test('gives what succeeded first', async () => {
    expect((await driven((ctx) => Promise.any(both(ctx)), bFailsThenA)).ending).toEqual(completed('A'));
    expect((await driven((ctx) => Promise.any(both(ctx)), bThenA)).ending).toEqual(completed('B'));
  });

  test('fails when everything failed', async () => {
    const run = await driven((ctx) => Promise.any(both(ctx)), bothFail);
    expect(run.ending).toMatchObject({ type: 'Fail', failure: { name: 'AggregateError' } });
  });
});

describe('P2: Promise.allSettled', () => {
  test('gives every end in the order of the calls', async () => {
    const run = await driven(
      async (ctx) => (await Promise.allSettled(both(ctx))).map((end) => end.status),
      bFailsThenA,
    );
    expect(run.ending).toEqual(completed(['fulfilled', 'rejected']));
  });
});

test('P2: code behind two calls runs in the order of their ends', async () => {
  const seen: string[] = [];
  const fn: Fn = async (ctx) => {
    const note = async (name: string): Promise<void> => {
      await ctx.step(name, () => 1);
      seen.push(name);
      await ctx.step(`${name}-2`, () => 1);
      seen.push(`${name}-2`);
    };
    await Promise.all([note('a'), note('b'), note('c')]);
  };
  await driven(fn, async (run) => {
    for (const path of ['c', 'a', 'c-2', 'b', 'b-2', 'a-2']) await run.end(path, 'ok');
  });
  const order = ['c', 'a', 'c-2', 'b', 'b-2', 'a-2'];
  expect(seen).toEqual([...order, ...order]);
});

async function signalsOrTimer(ctx: WorkflowContext): Promise<string> {
  return await Promise.race([
    Promise.all([ctx.signal('a'), ctx.signal('b')]).then(() => 'both'),
    ctx.sleep('patience', '1m').then(() => 'late'),
  ]);
}

test('P3: a race of signals against a timer settles as it was recorded', async () => {
  const signals = await driven(signalsOrTimer, async (run) => {
    await run.end('b', 'received', 1);
    await run.end('a', 'received', 1);
  });
  expect(signals.ending).toEqual(completed('both'));
  const timer = await driven(signalsOrTimer, async (run) => {
    await run.end('b', 'received', 1);
    await run.end('patience', 'resolved');
  });
  expect(timer.ending).toEqual(completed('late'));
});
