/** What steps report is added, never overwritten: by siblings, attempts, processes and children alike. */
import { DatabaseSync } from 'node:sqlite';
import { type UsageView, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test } from 'vitest';
import { closeEngine, newDatabase, openEngine, openMortal, pathOfDatabase } from './support/opened-engine.ts';
import { eventsOfType } from './support/run-log.ts';

function flow(run: (ctx: WorkflowContext) => Promise<unknown>): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

const FIFTY = Array.from({ length: 50 }, (_, index) => index + 1);

describe('J24: what concurrent siblings report', () => {
  const siblings = flow(async (ctx) => {
    await ctx.map(
      'each',
      FIFTY,
      async (tokens, c) => {
        await c.step('work', ({ report }) => {
          report({ inputTokens: tokens, costUsd: '0.01' });
          report({ outputTokens: 1 });
        });
        ctx.set({ done: ctx.usage.steps, tokens: ctx.usage.inputTokens });
      },
      { concurrency: 50 },
    );
    return ctx.usage;
  });
  const sums: UsageView = { inputTokens: 1_275, outputTokens: 50, costUsd: '0.5' };

  test('adds up in the run, in its row and in what its function sees', async () => {
    const { engine, platform } = await openEngine([siblings]);
    const run = await engine.start(siblings, null, { id: 'run' });
    await platform.settle();
    expect((await engine.runs.get('run')).usage).toEqual(sums);
    expect((await engine.runs.list())[0]?.usage).toEqual(sums);
    expect(await run.result()).toMatchObject({ ...sums, steps: 50 });
    expect((await engine.runs.get('run')).shown).toEqual({ done: 50, tokens: 1_275 });
  });

  test('stands in the ledger line by line', async () => {
    const store = newDatabase();
    const one = await openEngine([siblings], { store });
    const run = await one.engine.start(siblings, null);
    await run.result();
    await closeEngine(one);
    const db = new DatabaseSync(pathOfDatabase(store), { readOnly: true });
    const lines = db
      .prepare('select count(*) lines, sum(input_tokens) tokens, sum(cost_nano_usd) cost from ledger')
      .get();
    db.close();
    expect({ ...lines }).toEqual({ lines: 50, tokens: 1_275, cost: 500_000_000 });
  });
});

describe('I10: what was spent before', () => {
  test('is kept when another process goes on', async () => {
    const store = newDatabase();
    const one = flow(async (ctx) => {
      await ctx.step('a', ({ report }) => report({ inputTokens: 10, costUsd: '1.25' }));
      const before = ctx.usage.inputTokens;
      await ctx.sleep('rest', '10s');
      await ctx.step('b', ({ report }) => report({ inputTokens: 5, costUsd: '0.25' }));
      return { before, after: ctx.usage.inputTokens };
    });
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 100 });
    await second.platform.advance(20_000);
    expect(await second.engine.handle('run').result()).toEqual({ before: 10, after: 15 });
    expect((await second.engine.runs.get('run')).usage).toEqual({
      inputTokens: 15,
      outputTokens: 0,
      costUsd: '1.5',
    });
  });

  test('is kept when a parked run is retried', async () => {
    let isGood = false;
    const one = flow((ctx) =>
      ctx.step(
        'a',
        ({ report }) => {
          report({ outputTokens: 3 });
          if (!isGood) throw new Error('no');
        },
        { retry: { attempts: 2, initial: '1s', onExhausted: 'park' } },
      ),
    );
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.advance(10_000);
    expect((await engine.runs.get('run')).usage.outputTokens).toBe(6);
    isGood = true;
    await engine.retry('run');
    await platform.advance(10_000);
    const view = await engine.runs.get('run');
    expect({ status: view.status, run: view.usage.outputTokens, step: view.steps[0]?.usage }).toMatchObject({
      status: 'completed',
      run: 9,
      step: { outputTokens: 9 },
    });
  });

  test('is counted for every attempt, once', async () => {
    const one = flow((ctx) =>
      ctx.step('a', ({ attempt, report }) => {
        report({ inputTokens: 10 ** attempt });
        if (attempt < 3) throw new Error('no');
      }),
    );
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.advance(60_000);
    expect((await engine.runs.get('run')).usage.inputTokens).toBe(1_110);
    const retried = await eventsOfType(engine, 'run', 'step.retried');
    expect(retried.map(({ data }) => data.usage?.inputTokens)).toEqual([10, 100]);
  });
});

describe('the usage of a run', () => {
  test('includes its children', async () => {
    const child = workflow({ name: 'child' }, async (ctx, tokens: number) => {
      await ctx.step('work', ({ report }) => report({ inputTokens: tokens, costUsd: '0.1' }));
      if (tokens > 100) throw new Error('too many');
    });
    const one = flow(async (ctx) => {
      await ctx.workflow(child, 7);
      await ctx.workflow(child, 200, { name: 'failing' }).catch(() => undefined);
      await ctx.step('own', ({ report }) => report({ inputTokens: 1 }));
      return ctx.usage;
    });
    const { engine, platform } = await openEngine([one, child]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.settle();
    expect(await run.result()).toMatchObject({ inputTokens: 208, costUsd: '0.2' });
    expect((await engine.runs.list({ parentRunId: 'run' })).map(({ usage }) => usage.inputTokens)).toEqual([
      200, 7,
    ]);
    expect((await engine.runs.get('run')).usage).toMatchObject({ inputTokens: 208, costUsd: '0.2' });
  });

  test('is exact to a nano-dollar over a thousand steps', async () => {
    const one = flow(async (ctx) => {
      for (let step = 0; step < 1_000; step++)
        await ctx.step('cheap', ({ report }) => report({ costUsd: '0.000000001' }));
      return ctx.usage.costUsd;
    });
    const { engine } = await openEngine([one]);
    const run = await engine.start(one, null);
    expect(await run.result()).toBe('0.000001');
  });

  test('tells how long its steps took and how long it has been going on', async () => {
    const one = flow(async (ctx) => {
      await ctx.sleep('rest', '10s');
      await ctx
        .step('hang', () => new Promise(() => undefined), { timeout: '5s', retry: 'none' })
        .catch(() => 1);
      return ctx.usage;
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null);
    await platform.advance(20_000);
    const usage = (await run.result()) as { readonly stepMs: number; readonly wallMs: number };
    expect(usage.stepMs).toBeGreaterThanOrEqual(5_000);
    expect(usage.stepMs).toBeLessThan(5_200);
    expect(usage.wallMs).toBeGreaterThanOrEqual(15_000);
    expect(usage.wallMs).toBeLessThan(15_200);
    expect(usage).toMatchObject({ steps: 1, inputTokens: 0, costUsd: '0' });
  });

  test('is what had been delivered at that line, on replay too', async () => {
    const store = newDatabase();
    const seen: Record<string, number[]> = { first: [], second: [] };
    const one = (where: 'first' | 'second') =>
      flow(async (ctx) => {
        const note = (): number => (seen[where] ?? []).push(ctx.usage.inputTokens);
        const spend = (name: string) => ctx.step(name, ({ report }) => report({ inputTokens: 1 })).then(note);
        await Promise.all([spend('a'), spend('b'), spend('c')]);
        await ctx.sleep('rest', '10s');
        note();
      });
    const first = await openMortal([one('first')], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([one('second')], { store, seed: 2, laterMs: 100 });
    await second.platform.advance(20_000);
    expect(await second.engine.handle('run').status()).toBe('completed');
    expect(seen).toEqual({ first: [1, 2, 3], second: [1, 2, 3, 3] });
  });
});

describe('a report that is no usage', () => {
  test.each([
    ['a negative count', { inputTokens: -1 }],
    ['half a token', { outputTokens: 0.5 }],
    ['money that is none', { costUsd: 'a lot' }],
  ])('of %s fails the step, and counts nothing', async (_what, report) => {
    const one = flow((ctx) => ctx.step('a', (tools) => tools.report(report), { retry: 'none' }));
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.settle();
    const view = await engine.runs.get('run');
    expect(view).toMatchObject({ status: 'failed', failure: { code: 'OPTION_INVALID' } });
    expect(view.usage).toEqual({ inputTokens: 0, outputTokens: 0, costUsd: '0' });
  });
});
