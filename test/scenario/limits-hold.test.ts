/** Slots, places and crowds: so many attempts at a time, so many runs in memory, any number of runs that wait. */
import { type Workflow, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test } from 'vitest';
import { type Gate, newGate } from './support/gate.ts';
import { openEngine } from './support/opened-engine.ts';
import { codeOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext, input: number) => Promise<unknown>;

function flow(run: Run): Workflow<number, unknown> {
  return workflow({ name: 'flow' }, run);
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

describe('the slots of a worker', () => {
  /** Work that notes how much of it runs, until its gate is opened. */
  function newWork(gate: Gate<void>) {
    const seen = { running: 0, most: 0 };
    const work = async (): Promise<void> => {
      seen.running++;
      seen.most = Math.max(seen.most, seen.running);
      await gate.opened;
      seen.running--;
    };
    return { seen, work };
  }

  test('are a hundred, over all runs: the others wait in order', async () => {
    const gate = newGate();
    const { seen, work } = newWork(gate);
    const one = flow((ctx) => Promise.all(numbers(10).map((index) => ctx.step(`s${index}`, work))));
    const { engine, platform } = await openEngine([one]);
    const runs = await Promise.all(numbers(15).map((index) => engine.start(one, index)));
    await platform.advance(100);
    expect(seen).toEqual({ running: 100, most: 100 });
    gate.open();
    await platform.advance(100);
    expect(seen).toEqual({ running: 0, most: 100 });
    expect(new Set(await Promise.all(runs.map((run) => run.status())))).toEqual(new Set(['completed']));
  });

  test('are as many as asked', async () => {
    const gate = newGate();
    const { seen, work } = newWork(gate);
    const one = flow((ctx) => ctx.map('m', numbers(20), (_item, c) => c.step('work', work)));
    const { engine, platform } = await openEngine([one], { worker: { slots: 3 } });
    const run = await engine.start(one, 0);
    await platform.advance(100);
    expect(seen.running).toBe(3);
    gate.open();
    await platform.advance(100);
    expect(await run.status()).toBe('completed');
    expect(seen.most).toBe(3);
  });

  test('are taken by attempts alone: scopes, waits and children hold none, so that nothing can block itself', async () => {
    const child = workflow({ name: 'child' }, async (ctx, n: number) => {
      await ctx.sleep('rest', '1s');
      return await ctx.step('work', () => n);
    });
    const one = flow(async (ctx) => {
      const mapped = await ctx.map('m', numbers(5), (item, c) =>
        c.parallel('p', {
          child: (inner) => inner.workflow(child, item),
          wait: (inner) => inner.sleep('rest', '2s').then(() => item),
        }),
      );
      return mapped.length;
    });
    const { engine, platform } = await openEngine([one, child], { worker: { slots: 1 } });
    const run = await engine.start(one, 0);
    await platform.advance(10_000);
    expect(await run.result()).toBe(5);
  });

  test('are given back by attempts that fail, time out or are cancelled', async () => {
    const hang = (): Promise<never> => new Promise(() => undefined);
    const one = flow(async (ctx, n) => {
      if (n === 0) await ctx.step('bad', () => Promise.reject(new Error('no')), { retry: 'none' });
      if (n === 1) await ctx.step('slow', hang, { timeout: '1s', retry: 'none' });
      if (n === 2) await ctx.step('hanging', hang);
      return await ctx.step('good', () => n);
    });
    const { engine, platform } = await openEngine([one], { worker: { slots: 1 } });
    for (const n of numbers(3)) await engine.start(one, n, { id: `run-${n}` });
    await platform.advance(5_000);
    await engine.cancel('run-2');
    await platform.advance(1_000);
    const last = await engine.start(one, 3);
    await platform.advance(100);
    expect(await last.result()).toBe(3);
  });
});

describe('the places of a worker', () => {
  test('are for runs that do something: more of them are queued, and each has its turn', async () => {
    let most = 0;
    let open = 0;
    const one = flow(async (ctx, n) => {
      most = Math.max(most, ++open);
      await ctx.step('work', () => n);
      open--;
      return n;
    });
    const { engine, platform } = await openEngine([one], { worker: { runs: 4 } });
    const runs = await Promise.all(numbers(60).map((n) => engine.start(one, n)));
    await platform.advance(6_000);
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual([...numbers(60)]);
    expect(most).toBeLessThanOrEqual(4);
  });

  test('are not held by runs that wait', async () => {
    const one = flow(async (ctx) => await ctx.signal('go'));
    const { engine, platform } = await openEngine([one], { worker: { runs: 2 } });
    const runs = await Promise.all(numbers(30).map((n) => engine.start(one, n)));
    await platform.advance(6_000);
    expect(new Set(await Promise.all(runs.map((run) => run.status())))).toEqual(new Set(['waiting']));
    for (const run of runs) await engine.signal(run.id, 'go', run.id);
    await platform.advance(6_000);
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual(runs.map((run) => run.id));
  });
});

describe('three thousand runs that wait', () => {
  test('are all there, hold nothing, and each goes on when its message comes', async () => {
    const one = flow(async (ctx, n) => {
      const factor = (await ctx.signal('go')) as number;
      return await ctx.step('work', () => n * factor);
    });
    const { engine, platform } = await openEngine([one], { worker: { evictAfter: '5s' } });
    const runs = await Promise.all(numbers(3_000).map((n) => engine.start(one, n)));
    await platform.advance(10_000);
    expect((await engine.runs.list({ status: ['waiting'], limit: 1_000 })).length).toBe(1_000);
    expect((await engine.workers())[0]?.held).toBe(0);
    await Promise.all(runs.map((run) => engine.signal(run.id, 'go', 2)));
    await platform.advance(10_000);
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual(numbers(3_000).map((n) => n * 2));
  });

  test('for a time of their own all wake on time', async () => {
    const late: number[] = [];
    const one = flow(async (ctx, n) => {
      await ctx.sleep('rest', 1_000 + n);
      late.push(platform.clock.now() - ctx.now().getTime());
    });
    const { engine, platform } = await openEngine([one]);
    const runs = await Promise.all(numbers(1_500).map((n) => engine.start(one, n)));
    await platform.advance(10_000);
    expect(new Set(await Promise.all(runs.map((run) => run.status())))).toEqual(new Set(['completed']));
    expect(late).toHaveLength(1_500);
    expect(Math.max(...late)).toBeLessThanOrEqual(5);
  });
});

describe('the settings of a worker', () => {
  const one = flow(async () => 1);

  test.each<[string, object, string]>([
    ['no slots', { slots: 0 }, 'OPTION_INVALID'],
    ['half a place', { runs: 0.5 }, 'OPTION_INVALID'],
    ['an eviction that is no time', { evictAfter: 'soon' }, 'DURATION_INVALID'],
    ['a patience that is no time', { replayPatience: -1 }, 'DURATION_INVALID'],
    ['one that nobody knows', { threads: 4 }, 'OPTION_UNKNOWN'],
  ])('with %s are refused', async (_what, worker, code) => {
    expect(await codeOf(() => openEngine([one], { worker }))).toBe(code);
  });
});
