/** continueAsNew: one transaction ends a run and begins the next, with its family, its labels and its unread messages. */
import { type Workflow, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { abortOf } from './support/gate.ts';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { eventsOf, storyOf } from './support/run-log.ts';

type Run = (ctx: WorkflowContext, input: number) => Promise<unknown>;

function flow(run: Run): Workflow<number, unknown> {
  return workflow({ name: 'flow' }, run);
}

describe('a run that goes on as another', () => {
  test('ends at once, and its result is that of the last one', async () => {
    const behind: string[] = [];
    const one = flow(async (ctx, n) => {
      await ctx.step('work', () => n);
      if (n < 4) {
        await ctx.continueAsNew(n + 1);
        behind.push('never');
      }
      return `ended at ${n}`;
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, 1, { id: 'run', labels: { a: 'b' }, priority: 3 });
    await platform.advance(1_000);
    expect(await run.result()).toBe('ended at 4');
    expect(behind).toEqual([]);
    const runs = await engine.runs.list();
    expect(runs).toHaveLength(4);
    for (const { status, rootRunId, labels, priority } of runs)
      expect({ status, rootRunId, labels, priority }).toEqual({
        status: 'completed',
        rootRunId: 'run',
        labels: { a: 'b' },
        priority: 3,
      });
    const { continuedTo } = await engine.runs.get('run');
    const [created] = await eventsOf(engine, continuedTo ?? '');
    expect(created).toMatchObject({ data: { trigger: { kind: 'continued', ref: 'run' } }, payload: '2' });
    expect((await engine.why('run')).reasons[0]).toMatchObject({ command: `pawl show ${continuedTo}` });
  });

  test('begins with an empty log, however long the old one was', async () => {
    const one = flow(async (ctx, n) => {
      for (let step = 0; step < 50; step++) await ctx.step('work', () => step);
      if (n > 0) await ctx.continueAsNew(n - 1);
    });
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, 3);
    await platform.advance(1_000);
    const runs = await engine.runs.list();
    expect(new Set(runs.map((run) => run.lastSeq)).size).toBe(1);
    expect(runs).toHaveLength(4);
  });

  test('ends what it had open first', async () => {
    const aborted: string[] = [];
    const one = flow(async (ctx, n) => {
      if (n === 0) return 'done';
      void ctx.signal('never');
      const slow = ctx.step('slow', ({ signal }) => abortOf(signal).then(() => aborted.push('slow')));
      await Promise.race([slow, ctx.step('quick', () => 1)]);
      return await ctx.continueAsNew(n - 1);
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, 1, { id: 'run' });
    await platform.advance(1_000);
    expect(await run.result()).toBe('done');
    expect(aborted).toEqual(['slow']);
    expect((await storyOf(engine, 'run')).slice(-3).toSorted()).toEqual([
      'run.completed',
      'step.cancelled slow',
      'wait.cancelled never',
    ]);
  });

  test('takes its unread messages along, in order', async () => {
    const one = flow(async (ctx, n) => {
      if (n === 0) {
        await ctx.sleep('rest', '10s');
        return await ctx.continueAsNew(1);
      }
      return [await ctx.signal('go'), await ctx.signal('go'), await ctx.signal('other')];
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, 0, { id: 'run' });
    await platform.settle();
    await engine.signal('run', 'go', 1);
    await engine.signal('run', 'other', 'o', { by: 'ada' });
    await engine.signal('run', 'go', 2);
    await platform.advance(20_000);
    expect(await run.result()).toEqual([1, 2, 'o']);
    const { continuedTo } = await engine.runs.get('run');
    const carried = (await eventsOf(engine, continuedTo ?? '')).filter(
      ({ type }) => type === 'signal.received',
    );
    expect(carried.map(({ actor }) => actor ?? 'nobody')).toEqual(['nobody', 'ada', 'nobody']);
  });

  test('is found by messages to its old id', async () => {
    const one = flow(async (ctx, n) => {
      if (n < 3) await ctx.continueAsNew(n + 1);
      return await ctx.signal('go');
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, 0, { id: 'run' });
    await platform.advance(1_000);
    await engine.signal('run', 'go', 'forwarded');
    await platform.advance(1_000);
    expect(await run.result()).toBe('forwarded');
  });

  test('checks the new input by the schema, and fails where it does not fit', async () => {
    const one = workflow({ name: 'flow', input: z.number().max(2) }, async (ctx, n) => {
      await ctx.continueAsNew(n + 1);
    });
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, 1, { id: 'run' });
    await platform.advance(1_000);
    const runs = await engine.runs.list();
    expect(runs.map((run) => run.status)).toEqual(['failed', 'completed']);
    expect((await engine.runs.get(runs[0]?.runId ?? '')).failure?.code).toBe('INPUT_INVALID');
  });

  test('fails with the path where the new input cannot be recorded', async () => {
    const one = flow(async (ctx) => await ctx.continueAsNew({ when: new Date(0) }));
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, 1, { id: 'run' });
    await platform.settle();
    const { status, failure } = await engine.runs.get('run');
    expect(status).toBe('failed');
    expect(failure?.message).toContain('$.when');
  });

  test('goes on once where its process dies around the change', async () => {
    const store = newDatabase();
    const fired: number[] = [];
    const one = flow(async (ctx, n) => {
      await ctx.step('work', () => fired.push(n));
      await ctx.sleep('rest', '10ms');
      if (n < 3) await ctx.continueAsNew(n + 1);
      return n;
    });
    const first = await openMortal([one], { store });
    await first.engine.start(one, 0, { id: 'run' });
    await first.platform.advance(15);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 15 });
    await second.platform.advance(5_000);
    expect(await second.engine.handle('run').result()).toBe(3);
    expect(fired).toEqual([0, 1, 2, 3]);
    expect(await second.engine.runs.list()).toHaveLength(4);
  });
});

describe('an act on a run that went on as another', () => {
  const patient = flow(async (ctx, n) => {
    if (n < 3) await ctx.continueAsNew(n + 1);
    const { decision } = await ctx.approval('ship', { message: 'Ship?' });
    const size = await ctx.input<number>('size');
    return [decision, size, await ctx.signal('go')];
  });

  async function wentOn() {
    const opened = await openEngine([patient]);
    const run = await opened.engine.start(patient, 1, { id: 'first' });
    await opened.platform.settle();
    return { ...opened, run };
  }

  test('is one on the last of them, and so is its status', async () => {
    const { engine, platform, run } = await wentOn();
    expect(await run.status()).toBe('waiting');
    await engine.pause('first', { by: 'ada' });
    expect(await run.status()).toBe('paused');
    await engine.resume('first', { by: 'ada' });
    const last = (await engine.runs.list())[0]?.runId ?? '';
    await engine.approve(last, 'ship', { by: 'ada' });
    await platform.settle();
    await engine.answer(last, 'size', 4, { by: 'ada' });
    await engine.signal('first', 'go', 'now');
    await platform.settle();
    expect(await run.result()).toEqual(['approved', 4, 'now']);
    expect(await run.status()).toBe('completed');
    expect((await engine.runs.get('first')).continuedTo).toBeTypeOf('string');
  });

  test('that decides is refused: the last of them may ask another question under the same name', async () => {
    const { engine } = await wentOn();
    const { continuedTo = '' } = await engine.runs.get('first');
    const decide = [
      () => engine.approve('first', 'ship', { by: 'ada' }),
      () => engine.reject('first', undefined, { by: 'ada' }),
      () => engine.answer('first', 'size', 4, { by: 'ada' }),
    ];
    for (const act of decide)
      await expect(act()).rejects.toMatchObject({
        code: 'RUN_CONTINUED',
        message: expect.stringContaining(continuedTo) as string,
      });
  });

  test('cancels the last of them', async () => {
    const { engine, platform, run } = await wentOn();
    await engine.cancel('first');
    await platform.settle();
    expect(await run.status()).toBe('cancelled');
  });
});
