/** A paused run starts nothing new: what runs may finish and is recorded, and `resume` goes on from there. */
import { type Workflow, workflow, type WorkflowContext } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { pawlError } from '../../packages/pawl/src/errors/index.ts';
import { EXTERNAL } from '../../packages/pawl/src/store/index.ts';
import { openBetween } from './support/between-store.ts';
import { newGate } from './support/gate.ts';
import { newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { codeOf, storyOf } from './support/run-log.ts';

function flow(run: (ctx: WorkflowContext) => Promise<unknown>): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

describe('a paused run', () => {
  test('lets its running attempts finish, records them, and starts no other', async () => {
    const first = newGate<string>();
    const fired: string[] = [];
    const one = flow(async (ctx) => {
      const a = await ctx.step('a', () => first.opened);
      const b = await ctx.step('b', () => fired.push('b'));
      return [a, b];
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(100);
    await engine.pause('run', { by: 'ada' });
    await platform.settle();
    first.open('kept');
    await platform.advance(60_000);
    expect({ status: await run.status(), fired }).toEqual({ status: 'paused', fired: [] });
    expect(await storyOf(engine, 'run')).toEqual([
      'run.created',
      'run.started',
      'step.started a',
      'run.paused',
      'step.completed a',
    ]);
    await engine.resume('run');
    await platform.settle();
    expect(await run.result()).toEqual(['kept', 1]);
  });

  test('also records a running attempt whose start was lost with a commit', async () => {
    const long = newGate<string>();
    const fired: string[] = [];
    let losses = 0;
    const { store } = await openBetween(fakePlatform(), {
      before: async (batches, inner) => {
        if (losses > 0 || !batches.some(({ events }) => events.some(({ path }) => path === 'quick'))) return;
        losses++;
        const run = { tenant: 'default', runId: 'run' };
        await inner.commit([{ run, fence: EXTERNAL, events: [{ type: 'run.paused', data: {} }] }]);
        throw pawlError('STORE_UNKNOWN', { problem: 'the test lost this commit' });
      },
    });
    const one = flow((ctx) => {
      const slow = ctx.step('slow', () => {
        fired.push('slow');
        return long.opened;
      });
      return Promise.all([slow, ctx.step('quick', () => (fired.push('quick'), 'quick'))]);
    });
    const { engine, platform } = await openEngine([one], { store });
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(100);
    long.open('kept');
    await platform.advance(1_000);
    expect(await run.status()).toBe('paused');
    expect((await engine.runs.get('run')).steps).toMatchObject([
      { path: 'quick', status: 'completed' },
      { path: 'slow', status: 'completed' },
    ]);
    await engine.resume('run');
    await platform.advance(1_000);
    expect(await run.result()).toEqual(['kept', 'quick']);
    expect({ fired, losses }).toEqual({ fired: ['slow', 'quick'], losses: 1 });
  });

  test('makes no further attempt of a step that failed meanwhile, until it is resumed', async () => {
    const attempts: number[] = [];
    const one = flow((ctx) =>
      ctx.step(
        'a',
        ({ attempt }) => {
          attempts.push(attempt);
          if (attempt === 1) throw new Error('no');
        },
        { retry: { initial: '10s', jitter: 0 } },
      ),
    );
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(5_000);
    await engine.pause('run');
    await platform.advance(60_000);
    expect(attempts).toEqual([1]);
    await engine.resume('run');
    await platform.settle();
    expect({ attempts, status: await run.status() }).toEqual({ attempts: [1, 2], status: 'completed' });
  });

  test('sleeps through: a sleep that ends meanwhile ends for it when it is resumed', async () => {
    const fired: string[] = [];
    const one = flow(async (ctx) => {
      await ctx.sleep('nap', '10s');
      await ctx.step('after', () => fired.push('after'));
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.settle();
    await engine.pause('run');
    await platform.advance(60_000);
    expect({ status: await run.status(), fired }).toEqual({ status: 'paused', fired: [] });
    await engine.resume('run');
    await platform.settle();
    expect({ status: await run.status(), fired }).toEqual({ status: 'completed', fired: ['after'] });
  });

  test('keeps what arrives for it', async () => {
    const one = flow(async (ctx) => [
      await ctx.signal('go'),
      (await ctx.approval('ship', { message: 'Ship?' })).decision,
    ]);
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.settle();
    await engine.pause('run');
    await engine.signal('run', 'go', 7);
    await platform.advance(10_000);
    expect(await run.status()).toBe('paused');
    await engine.resume('run');
    await platform.settle();
    await engine.pause('run');
    await engine.approve('run', 'ship', { by: 'ada' });
    await platform.advance(10_000);
    expect(await run.status()).toBe('paused');
    await engine.resume('run');
    await platform.settle();
    expect(await run.result()).toEqual([7, 'approved']);
  });

  test('stays paused through the end of its process and goes on in another', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const one = (where: string) =>
      flow(async (ctx) => {
        await ctx.step('a', () => fired.push(`a in ${where}`));
        await ctx.sleep('nap', '1s');
        await ctx.step('b', () => fired.push(`b in ${where}`));
      });
    const first = await openMortal([one('first')], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.settle();
    await first.engine.pause('run');
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([one('second')], { store, seed: 2, laterMs: 100 });
    await second.platform.advance(60_000);
    expect(await second.engine.handle('run').status()).toBe('paused');
    await second.engine.resume('run');
    await second.platform.advance(100);
    expect(fired).toEqual(['a in first', 'b in second']);
  });

  test('is named by `why` with the command that moves it', async () => {
    const one = flow((ctx) => ctx.signal('go'));
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.settle();
    await engine.pause('run');
    expect((await engine.why('run')).reasons).toEqual([
      { text: 'It was paused.', command: 'pawl resume run' },
    ]);
  });

  test('may have been queued, and is not started then', async () => {
    const store = newDatabase();
    const fired: string[] = [];
    const one = flow((ctx) => ctx.step('a', () => fired.push('a')));
    const client = await openEngine([one], { store, worker: false });
    await client.engine.start('flow', null, { id: 'run' });
    await client.engine.pause('run');
    const worker = await openEngine([one], { store, seed: 2 });
    await worker.platform.advance(20_000);
    expect(fired).toEqual([]);
    await client.engine.resume('run');
    await worker.platform.advance(10_000);
    expect({ fired, status: await worker.engine.handle('run').status() }).toEqual({
      fired: ['a'],
      status: 'completed',
    });
  });
});

describe('the verbs pause and resume', () => {
  const waiting = flow((ctx) => ctx.signal('go'));

  test('may be repeated: a second pause changes nothing', async () => {
    const { engine, platform } = await openEngine([waiting]);
    await engine.start(waiting, null, { id: 'run' });
    await platform.settle();
    await engine.pause('run');
    const before = await storyOf(engine, 'run');
    await engine.pause('run');
    expect(await storyOf(engine, 'run')).toEqual(before);
  });

  test('are refused where there is nothing to pause or to resume', async () => {
    const { engine, platform } = await openEngine([waiting]);
    const run = await engine.start(waiting, null, { id: 'run' });
    await platform.settle();
    expect(await codeOf(() => engine.resume('run'))).toBe('RUN_NOT_PAUSED');
    await engine.signal('run', 'go');
    await platform.settle();
    expect(await run.status()).toBe('completed');
    expect(await codeOf(() => engine.pause('run'))).toBe('RUN_TERMINAL');
    expect(await codeOf(() => engine.resume('run'))).toBe('RUN_TERMINAL');
  });
});
