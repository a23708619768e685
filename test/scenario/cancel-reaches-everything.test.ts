/** A cancel reaches the queue, the running step, the waits and the children, and nothing is recorded behind it. */
import { type CancelContext, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { describe, expect, test, vi } from 'vitest';
import { abortOf, newGate } from './support/gate.ts';
import { closeEngine, newDatabase, openEngine, openMortal } from './support/opened-engine.ts';
import { codeOf, eventsOf, eventsOfType, storyOf } from './support/run-log.ts';

function flow(run: (ctx: WorkflowContext) => Promise<unknown>): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

type Listening = (tools: { readonly signal: AbortSignal }) => Promise<string>;

/** A run that rests in a wait, whose worker has closed, and a client that knows no workflow. */
async function leftWaiting(one: Workflow<unknown, unknown>) {
  const store = newDatabase();
  const worker = await openEngine([one], { store });
  await worker.engine.start('flow', null, { id: 'run' });
  await worker.platform.advance(100);
  await closeEngine(worker);
  return { store, client: await openEngine([], { store, seed: 2, laterMs: 20_000 }) };
}

function untilAborted(log: string[]): Listening {
  return async ({ signal }) => {
    const reason = await abortOf(signal);
    log.push(String(reason));
    return 'too late';
  };
}

describe('J19: cancelling', () => {
  test('a running step aborts it, and what it still returns is not recorded', async () => {
    const log: string[] = [];
    const one = flow((ctx) => ctx.step('long', untilAborted(log)));
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(1_000);
    await engine.cancel('run', { reason: 'not needed', by: 'ada' });
    await platform.settle();
    expect(log).toHaveLength(1);
    expect(log[0]).toContain('not needed');
    expect(await run.status()).toBe('cancelled');
    await platform.advance(60_000);
    expect(await storyOf(engine, 'run')).toEqual([
      'run.created',
      'run.started',
      'step.started long',
      'run.cancel_requested',
      'step.cancelled long',
      'run.cancelled',
    ]);
    expect((await engine.runs.get('run')).cancelRequested).toMatchObject({ by: 'ada', reason: 'not needed' });
  });

  test('a step that does not listen ends the run all the same', async () => {
    const deaf = newGate<string>();
    const one = flow((ctx) => ctx.step('deaf', () => deaf.opened));
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.advance(1_000);
    await engine.cancel('run');
    await platform.advance(1_000);
    expect(await run.status()).toBe('cancelled');
    deaf.open('late');
    await platform.advance(1_000);
    expect(await storyOf(engine, 'run')).not.toContain('step.completed deaf');
  });

  test('from another process reaches the step within a second', async () => {
    const store = newDatabase();
    const log: string[] = [];
    const one = flow((ctx) => ctx.step('long', untilAborted(log)));
    const worker = await openEngine([one], { store });
    await worker.engine.start('flow', null, { id: 'run' });
    await worker.platform.advance(100);
    const client = await openEngine([], { store, seed: 2, laterMs: 100 });
    await client.engine.cancel('run', { reason: 'elsewhere' });
    await client.platform.advance(100); // until the word of it is out
    let waitedMs = 0;
    const hasEnded = async (): Promise<void> => {
      if (log.length === 0 && waitedMs < 1_000) await worker.platform.advance((waitedMs += 50) && 50);
      expect(log).toHaveLength(1);
    };
    await vi.waitFor(hasEnded, { timeout: 10_000, interval: 20 });
    expect(waitedMs).toBeLessThanOrEqual(1_000);
    await worker.platform.advance(100);
    expect(await client.engine.handle('run').status()).toBe('cancelled');
  });

  test('a queued run ends it at once: no worker ever calls its function', async () => {
    const store = newDatabase();
    const calls: string[] = [];
    const one = flow(async () => calls.push('called'));
    const client = await openEngine([one], { store, worker: false });
    await client.engine.start('flow', null, { id: 'run' });
    expect(await client.engine.handle('run').status()).toBe('queued');
    await client.engine.cancel('run');
    expect(await client.engine.handle('run').status()).toBe('cancelled');
    const worker = await openEngine([one], { store, seed: 2 });
    await worker.platform.advance(20_000);
    expect(calls).toEqual([]);
    expect(await storyOf(worker.engine, 'run')).toEqual([
      'run.created',
      'run.cancel_requested',
      'run.cancelled',
    ]);
  });

  test('a queued run whose workflow nobody has any more ends it all the same', async () => {
    const store = newDatabase();
    const one = flow(async () => 'called');
    const starter = await openEngine([one], { store, worker: false });
    await starter.engine.start('flow', null, { id: 'run' });
    await closeEngine(starter);
    const client = await openEngine([], { store, seed: 2 });
    await client.engine.cancel('run', { reason: 'gone' });
    await client.platform.advance(10_000);
    expect(await client.engine.handle('run').status()).toBe('cancelled');
  });

  test('a run that waits, and that nobody serves any more, ends it at once', async () => {
    const { client } = await leftWaiting(flow((ctx) => ctx.signal('never')));
    await client.engine.cancel('run', { by: 'ada', reason: 'gone' });
    expect(await client.engine.handle('run').status()).toBe('cancelled');
    expect((await storyOf(client.engine, 'run')).slice(-3)).toEqual([
      'run.cancel_requested',
      'wait.cancelled never',
      'run.cancelled',
    ]);
  });

  test('such a run is left to a worker where its workflow has an onCancel', async () => {
    const cleaned: string[] = [];
    const onCancel = () => cleaned.push('cleaned');
    const one = workflow({ name: 'flow', onCancel }, (ctx) => ctx.signal('never'));
    const { client, store } = await leftWaiting(one);
    await client.engine.cancel('run');
    expect(await client.engine.handle('run').status()).not.toBe('cancelled');
    const worker = await openEngine([one], { store, seed: 3, laterMs: 30_000 });
    await worker.platform.advance(10_000);
    expect(await client.engine.handle('run').status()).toBe('cancelled');
    expect(cleaned).toEqual(['cleaned']);
  });

  test('and so it is where only a later version that goes on with its runs has one', async () => {
    const cleaned: string[] = [];
    const { client, store } = await leftWaiting(flow((ctx) => ctx.signal('never')));
    const onCancel = () => cleaned.push('cleaned');
    const options = { name: 'flow', version: '2', compatible: ['1'], onCancel };
    const later = workflow(options, (ctx) => ctx.signal('never'));
    await closeEngine(await openEngine([later], { store, seed: 3, worker: false }));
    await client.engine.cancel('run');
    const worker = await openEngine([later], { store, seed: 4, laterMs: 30_000 });
    await worker.platform.advance(10_000);
    expect([await client.engine.handle('run').status(), cleaned]).toEqual(['cancelled', ['cleaned']]);
  });

  test('before the first turn of a run leaves nothing behind it', async () => {
    const fired: string[] = [];
    const one = flow((ctx) => ctx.step('a', () => fired.push('a')));
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    expect(['done', 'RUN_TERMINAL']).toContain(await codeOf(() => engine.cancel('run')));
    await platform.advance(10_000);
    const story = await storyOf(engine, 'run');
    expect(['run.cancelled', 'run.completed']).toContain(story.at(-1));
    expect(story.filter((line) => /^run\.(?:cancelled|completed|failed)$/.test(line))).toHaveLength(1);
  });
});

describe('I11: a cancelled run', () => {
  test('asks for nothing any more, whatever its function still does', async () => {
    const fired: string[] = [];
    const first = newGate();
    const one = flow(async (ctx) => {
      await Promise.race([ctx.step('a', () => new Promise(() => undefined)), first.opened]);
      await ctx.step('b', () => fired.push('b'));
    });
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.settle();
    await engine.cancel('run');
    await platform.settle();
    first.open();
    await platform.advance(60_000);
    expect(fired).toEqual([]);
    expect((await storyOf(engine, 'run')).at(-1)).toBe('run.cancelled');
  });

  test('has told its function through ctx.abortSignal', async () => {
    let aborted = '';
    const one = flow(async (ctx) => {
      ctx.abortSignal.addEventListener('abort', () => (aborted = String(ctx.abortSignal.reason)));
      await ctx.signal('never');
    });
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.settle();
    await engine.cancel('run', { reason: 'enough' });
    await platform.settle();
    expect(aborted).toContain('enough');
  });

  test('closes every wait that was open', async () => {
    const one = flow((ctx) =>
      Promise.all([
        ctx.signal('go'),
        ctx.sleep('nap', '1d'),
        ctx.approval('ship', { message: 'Ship?' }),
        ctx.input('name'),
      ]),
    );
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.settle();
    expect(await engine.waits()).toHaveLength(4);
    await engine.cancel('run');
    await platform.settle();
    expect(await engine.waits()).toEqual([]);
    const view = await engine.runs.get('run');
    expect(view.steps.map((step) => step.status)).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
      'cancelled',
    ]);
  });

  test('rejects who waits for its result, and stays cancelled at a second cancel', async () => {
    const one = flow((ctx) => ctx.signal('never'));
    const { engine, platform } = await openEngine([one]);
    const run = await engine.start(one, null, { id: 'run' });
    await platform.settle();
    await engine.cancel('run');
    await platform.settle();
    expect(await codeOf(() => run.result())).toBe('RUN_FAILED');
    const before = await eventsOf(engine, 'run');
    await engine.cancel('run');
    await platform.settle();
    expect(await eventsOf(engine, 'run')).toEqual(before);
  });

  test.each(['paused', 'parked'] as const)('may have been %s before', async (status) => {
    const one = flow((ctx) =>
      ctx.step('a', () => Promise.reject(new Error('no')), { retry: { attempts: 1, onExhausted: 'park' } }),
    );
    const waiting = flow((ctx) => ctx.signal('never'));
    const { engine, platform } = await openEngine([status === 'parked' ? one : waiting]);
    await engine.start('flow', null, { id: 'run' });
    await platform.settle();
    if (status === 'paused') await engine.pause('run');
    await platform.settle();
    expect(await engine.handle('run').status()).toBe(status);
    await engine.cancel('run');
    await platform.settle();
    expect(await engine.handle('run').status()).toBe('cancelled');
  });

  test('is paid for: what its steps had used is counted', async () => {
    const one = flow((ctx) =>
      ctx.step('long', ({ report }) => {
        report({ inputTokens: 7, costUsd: '0.5' });
        return new Promise(() => undefined);
      }),
    );
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.advance(1_000);
    await engine.cancel('run');
    await platform.settle();
    expect((await engine.runs.get('run')).usage).toMatchObject({ inputTokens: 7, costUsd: '0.5' });
  });
});

describe('the children of a cancelled run', () => {
  const nested = (log: string[]) => {
    const leaf = workflow({ name: 'leaf' }, (ctx) => ctx.step('long', untilAborted(log)));
    const middle = workflow({ name: 'middle' }, (ctx) => ctx.workflow(leaf, null));
    const root = workflow({ name: 'root' }, (ctx) => ctx.workflow(middle, null));
    return [root, middle, leaf];
  };

  test('are cancelled with it, down to the last step, and end before it', async () => {
    const log: string[] = [];
    const { engine, platform } = await openEngine(nested(log));
    await engine.start('root', null, { id: 'run' });
    await platform.advance(1_000);
    await engine.cancel('run', { reason: 'stop all' });
    await platform.advance(100);
    expect(log).toHaveLength(1);
    const runs = await engine.runs.list();
    expect(runs.map(({ workflow: name, status }) => `${name} ${status}`).toSorted()).toEqual([
      'leaf cancelled',
      'middle cancelled',
      'root cancelled',
    ]);
    const ended = await eventsOfType(engine, 'run', 'child.ended');
    expect(ended.map(({ data }) => data.status)).toEqual(['cancelled']);
    expect((await storyOf(engine, 'run')).at(-1)).toBe('run.cancelled');
  });

  test('that are held by another process are cancelled there', async () => {
    const store = newDatabase();
    const log: string[] = [];
    const [root, middle, leaf] = nested(log);
    const parent = await openEngine([root, middle], { store });
    const other = await openEngine([leaf], { store, seed: 2 });
    await parent.engine.start('root', null, { id: 'run' });
    await parent.platform.advance(100);
    await other.platform.advance(10_000);
    await parent.engine.cancel('run');
    await vi.waitFor(async () => {
      await parent.platform.advance(200);
      await other.platform.advance(200);
      expect(await parent.engine.handle('run').status()).toBe('cancelled');
    });
    expect(log).toHaveLength(1);
  });
});

describe('a child of a cancelled run that no worker serves', () => {
  test('is cancelled too, and does not hold its parent up', async () => {
    const store = newDatabase();
    const child = workflow({ name: 'child' }, (ctx) => ctx.signal('never'));
    await closeEngine(await openEngine([child], { store, seed: 9 }));
    const parent = flow((ctx) => ctx.workflow('child', null));
    const { engine, platform } = await openEngine([parent], { store });
    await engine.start('flow', null, { id: 'run' });
    await platform.advance(1_000);
    expect((await engine.runs.list({ parentRunId: 'run' }))[0]?.status).toBe('queued');
    await engine.cancel('run');
    await platform.advance(10_000);
    expect((await engine.runs.list()).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
  });
});

describe('onCancel', () => {
  const cleaning = (onCancel: (context: CancelContext) => unknown) =>
    workflow({ name: 'flow', onCancel }, (ctx) => ctx.step('long', untilAborted([])));

  test('runs as a recorded step after the others were aborted, and the run ends after it', async () => {
    const seen: unknown[] = [];
    const one = cleaning(({ runId, reason, idempotencyKey }) => {
      seen.push({ runId, reason, idempotencyKey });
    });
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.advance(100);
    await engine.cancel('run', { reason: 'enough' });
    await platform.advance(100);
    expect(seen).toEqual([{ runId: 'run', reason: 'enough', idempotencyKey: 'run::onCancel' }]);
    expect((await storyOf(engine, 'run')).slice(3)).toEqual([
      'run.cancel_requested',
      'step.cancelled long',
      'step.completed :onCancel',
      'run.cancelled',
    ]);
  });

  test('is tried again where it fails, and at last the run is cancelled without it', async () => {
    let tries = 0;
    const one = cleaning(() => {
      tries++;
      throw new Error('no');
    });
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.advance(100);
    await engine.cancel('run');
    await platform.advance(30_000);
    expect({ tries, status: await engine.handle('run').status() }).toEqual({ tries: 3, status: 'cancelled' });
  });

  test('that hangs is left behind after a minute', async () => {
    const one = cleaning(() => new Promise(() => undefined));
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, null, { id: 'run' });
    await platform.advance(100);
    await engine.cancel('run');
    await platform.advance(59_000);
    expect(await engine.handle('run').status()).not.toBe('cancelled');
    await platform.advance(2_000);
    expect(await engine.handle('run').status()).toBe('cancelled');
  });

  test('is done by the next process where the first one died in it', async () => {
    const store = newDatabase();
    const tries: string[] = [];
    const first = await openMortal([cleaning(() => new Promise(() => tries.push('first')))], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.engine.cancel('run');
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([cleaning(() => tries.push('second'))], {
      store,
      seed: 2,
      laterMs: 200,
    });
    await second.platform.advance(10_000);
    expect(tries).toEqual(['first', 'second']);
    expect(await second.engine.handle('run').status()).toBe('cancelled');
  });
});
