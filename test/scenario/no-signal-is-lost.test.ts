/** A signal is recorded before anything acts on it, kept until somebody waits for it, and given to one wait only. */
import { pawl, type StepFailed, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { type FakePlatform, fakePlatform } from 'pawl/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EXTERNAL, type Batch, type Store } from '../../packages/pawl/src/store/index.ts';
import { openBetween } from './support/between-store.ts';
import { newGate } from './support/gate.ts';
import { newDatabase, type OpenedEngine, openEngine, openMortal, START } from './support/opened-engine.ts';
import { codeOf, eventsOf, storyOf } from './support/run-log.ts';

function flow(run: (ctx: WorkflowContext) => Promise<unknown>): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

/** A signal of another process: it reaches the store and nobody is told. */
async function signalBehindTheBack(store: Store, payload: unknown, dedupeId: string): Promise<void> {
  const [answer] = await store.commit([
    {
      run: { tenant: 'default', runId: 'run' },
      fence: EXTERNAL,
      dedupeId,
      wakes: 'arrival',
      events: [{ type: 'signal.received', data: { name: 'go' }, payload: JSON.stringify(payload) }],
    },
  ]);
  expect(answer?.type).toBe('committed');
}

type Matches = (batch: Batch) => boolean;

/** Runs a function whose first batch that matches is overtaken by a signal of another process. */
async function overtaken(
  run: (ctx: WorkflowContext) => Promise<unknown>,
  matches: Matches,
): Promise<{ readonly opened: OpenedEngine; readonly platform: FakePlatform; readonly count: () => number }> {
  const platform = fakePlatform({ startMs: START });
  let count = 0;
  const { store } = await openBetween(platform, {
    before: async (batches, inner) => {
      if (count > 0 || !batches.some(matches)) return;
      count++;
      await signalBehindTheBack(inner, 'overtook', `overtook-${count}`);
    },
  });
  const engine = await pawl.open({ store, workflows: [flow(run)], platform });
  return { opened: { engine, platform }, platform, count: () => count };
}

function concludes(type: string): Matches {
  return (batch) => batch.conclusion?.events.some((event) => event.type === type) ?? false;
}

describe('P4: a signal', () => {
  test('that comes before anyone waits for it is kept, and so is the order', async () => {
    const one = flow(async (ctx) => {
      await ctx.sleep('rest', '10s');
      const both = [await ctx.signal('go'), await ctx.signal('go')];
      return [...both, (await ctx.signal('go', undefined, { timeout: '1s' })) ?? 'none'];
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.settle();
    await engine.signal('run', 'go', 1);
    await engine.signal('run', 'go', 2);
    expect((await engine.runs.get('run')).bufferedSignals).toEqual([{ name: 'go', count: 2 }]);
    await platform.advance(12_000);
    expect(await run.result()).toEqual([1, 2, 'none']);
  });

  test('that comes at the very start, before the first turn, is kept', async () => {
    const one = flow((ctx) => ctx.signal('go'));
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await engine.signal('run', 'go', 'early');
    await platform.settle();
    expect(await run.result()).toBe('early');
  });

  test('that is recorded right before the timeout wins over it, although nobody has seen it yet', async () => {
    const { opened, platform, count } = await overtaken(
      async (ctx) => (await ctx.signal('go', undefined, { timeout: '10s' })) ?? 'timeout',
      concludes('wait.expired'),
    );
    const run = await opened.engine.start('flow', null, { id: 'run' });
    await platform.advance(20_000);
    expect({ result: await run.result(), count: count() }).toEqual({ result: 'overtook', count: 1 });
    expect(await storyOf(opened.engine, 'run')).not.toContain('wait.expired go');
  });

  test('that is recorded right after the timeout loses to it, and goes to the next wait', async () => {
    const one = flow(async (ctx) => [
      (await ctx.signal('go', undefined, { timeout: '10s' })) ?? 'timeout',
      await ctx.signal('go'),
    ]);
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(10_000);
    await engine.signal('run', 'go', 'late');
    await platform.settle();
    expect(await run.result()).toEqual(['timeout', 'late']);
  });

  test('that comes with its timeout in one moment is given out once', async () => {
    for (const isSignalFirst of [true, false]) {
      const one = flow(async (ctx) => [
        (await ctx.signal('go', undefined, { timeout: '10s' })) ?? 'timeout',
        (await ctx.signal('go', undefined, { timeout: '10s' })) ?? 'timeout',
      ]);
      const { engine, platform } = await openEngine([one]);
      const run = await engine.start(one, null, { id: 'run' });
      await platform.advance(9_999);
      const signal = (): Promise<void> => engine.signal('run', 'go', 'once');
      await Promise.all(isSignalFirst ? [signal(), platform.advance(1)] : [platform.advance(1), signal()]);
      await platform.advance(20_000);
      expect(((await run.result()) as string[]).toSorted()).toEqual(['once', 'timeout']);
    }
  });

  test('is taken by a run that no process holds at the moment', async () => {
    const store = newDatabase();
    const one = flow((ctx) => ctx.signal('go'));
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const client = await openEngine([], { store, seed: 2, laterMs: 100 });
    await client.engine.signal('run', 'go', { from: 'outside' });
    const second = await openEngine([one], { store, seed: 3, laterMs: 100 });
    await second.platform.advance(1_000);
    expect(await second.engine.handle('run').result()).toEqual({ from: 'outside' });
  });

  test('of a thousand is given out in the order in which they were recorded', async () => {
    const one = flow(async (ctx) => {
      const seen: unknown[] = [];
      for (let count = 0; count < 1_000; count++) seen.push(await ctx.signal('go'));
      return seen;
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    for (let count = 0; count < 400; count++) await engine.signal('run', 'go', count);
    await Promise.all(Array.from({ length: 600 }, (_, index) => engine.signal('run', 'go', 400 + index)));
    await platform.settle();
    expect(await run.result()).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });
});

describe('P10: a signal that arrives while its run lies down to rest', () => {
  test('wakes it: idleness is concluded only over what was seen', async () => {
    const { opened, platform, count } = await overtaken((ctx) => ctx.signal('go'), concludes('run.waiting'));
    const run = await opened.engine.start('flow', null, { id: 'run' });
    await platform.settle();
    expect({ status: await run.status(), count: count() }).toEqual({ status: 'completed', count: 1 });
    expect(await run.result()).toBe('overtook');
    expect(await storyOf(opened.engine, 'run')).not.toContain('run.waiting');
  });

  test('is not run over by the end of the run', async () => {
    const { opened, platform, count } = await overtaken(async (ctx) => {
      await ctx.step('a', () => 1);
      return 'ended';
    }, concludes('run.completed'));
    const run = await opened.engine.start('flow', null, { id: 'run' });
    await platform.settle();
    expect({ result: await run.result(), count: count() }).toEqual({ result: 'ended', count: 1 });
    expect((await storyOf(opened.engine, 'run')).slice(-3)).toEqual([
      'signal.received',
      'step.completed a',
      'run.completed',
    ]);
  });
});

describe('a race for a signal', () => {
  test('gives every message to the loop that races it, and none to a wait nobody looks at', async () => {
    const one = flow(async (ctx) => {
      const seen: unknown[] = [];
      while (seen.length < 20) {
        const message = await Promise.race([ctx.signal('go'), ctx.sleep('tick', '1s')]);
        if (message !== undefined) seen.push(message);
      }
      return seen;
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    for (let count = 0; count < 20; count++) {
      await platform.advance(700);
      await engine.signal('run', 'go', count);
    }
    await platform.advance(5_000);
    expect(await run.result()).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  test('leaves no open wait behind that would swallow the next message', async () => {
    const one = flow(async (ctx) => {
      const { winner } = await ctx.race('r', {
        message: (c) => c.signal('go'),
        time: (c) => c.sleep('t', '1s'),
      });
      return [winner, await ctx.signal('go')];
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(2_000);
    await engine.signal('run', 'go', 'for the second wait');
    await platform.settle();
    expect(await run.result()).toEqual(['time', 'for the second wait']);
  });

  test('that was lost when the message came gives it back', async () => {
    const isSealing = (batch: Batch): boolean =>
      batch.events.some((event) => event.type === 'wait.cancelled');
    const { opened, platform, count } = await overtaken(async (ctx) => {
      const { winner } = await ctx.race('r', {
        message: (c) => c.signal('go'),
        work: (c) => c.step('work', () => 1, { retry: 'none' }),
      });
      return [winner, await ctx.signal('go')];
    }, isSealing);
    const run = await opened.engine.start('flow', null, { id: 'run' });
    await platform.settle();
    expect({ result: await run.result(), count: count() }).toEqual({
      result: ['work', 'overtook'],
      count: 1,
    });
  });

  test('that was lost gives the message back to a replay too', async () => {
    const store = newDatabase();
    const gate = newGate();
    const one = flow(async (ctx) => {
      const { winner } = await ctx.race('r', {
        message: (c) => c.signal('go'),
        work: (c) => c.step('work', () => gate.opened),
      });
      await ctx.sleep('rest', '1s');
      return [winner, await ctx.signal('go')];
    });
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(50);
    gate.open();
    const signalled = first.engine.signal('run', 'go', 'at the same time');
    await first.platform.settle();
    await signalled;
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 50 });
    await second.platform.advance(5_000);
    const { output } = await second.engine.runs.get('run');
    expect(['work', 'message']).toContain((output as string[])[0]);
    if ((output as string[])[0] === 'work') expect(output).toEqual(['work', 'at the same time']);
  });
});

describe('a message that does not fit', () => {
  const schema = z.object({ amount: z.number() });

  test('is refused at the door while somebody waits for another, and the question stays open', async () => {
    const one = flow((ctx) => ctx.signal('go', schema));
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.settle();
    const before = await eventsOf(engine, 'run');
    expect(await codeOf(() => engine.signal('run', 'go', { amount: 'much' }))).toBe('ANSWER_INVALID');
    expect(await eventsOf(engine, 'run')).toEqual(before);
    await engine.signal('run', 'go', { amount: 5 });
    await platform.settle();
    expect(await run.result()).toEqual({ amount: 5 });
  });

  test('and came before anyone waited is thrown to who asks, who may ask again', async () => {
    const one = flow(async (ctx) => {
      await ctx.sleep('rest', '1s');
      const first = await ctx.signal('go', schema).catch((error: StepFailed) => error.code);
      return [first, await ctx.signal('go', schema)];
    });
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.settle();
    await engine.signal('run', 'go', { amount: 'much' });
    await engine.signal('run', 'go', { amount: 5 });
    await platform.advance(2_000);
    expect(await run.result()).toEqual(['RECEIVED_INVALID', { amount: 5 }]);
  });
});

describe('a message that is sent again', () => {
  test('with the same id is recorded once', async () => {
    const one = flow((ctx) => Promise.all([ctx.signal('go'), ctx.sleep('rest', '1m')]));
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.settle();
    const once = { dedupeId: 'delivery-7' };
    await engine.signal('run', 'go', 1, once);
    await engine.signal('run', 'go', 1, once);
    await Promise.all([engine.signal('run', 'go', 1, once), engine.signal('run', 'go', 1, once)]);
    expect((await storyOf(engine, 'run')).filter((line) => line === 'signal.received')).toHaveLength(1);
  });

  test('to a run that nobody knows, or that has ended, is refused', async () => {
    const one = flow(async () => 'done');
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.settle();
    expect(await codeOf(() => engine.signal('run', 'go'))).toBe('RUN_TERMINAL');
    expect(await codeOf(() => engine.signal('no-such-run', 'go'))).toBe('RUN_NOT_FOUND');
  });
});
