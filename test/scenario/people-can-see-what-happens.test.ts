/** What people see of a run: its progress, its state, its log while it grows, why it does not move, and who works. */
import { getEventListeners } from 'node:events';
import { pawl, type StoredEvent, type Workflow, workflow, type WorkflowContext } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { describe, expect, test, vi } from 'vitest';
import type { Store } from '../../packages/pawl/src/store/index.ts';
import { newGate } from './support/gate.ts';
import { closeEngine, newDatabase, openEngine, openMortal, START } from './support/opened-engine.ts';
import { eventsOf, eventsOfType, storyOf } from './support/run-log.ts';
import { openStore } from './support/store-under-test.ts';

type Run = (ctx: WorkflowContext) => Promise<unknown>;

function flow(run: Run): Workflow<unknown, unknown> {
  return workflow({ name: 'flow' }, run);
}

async function started(run: Run) {
  const one = flow(run);
  const opened = await openEngine([one]);
  const handle = await opened.engine.start(one, null, { id: 'run' });
  await opened.platform.advance(100);
  return { ...opened, run: handle };
}

describe('the progress of a step', () => {
  test('is in the log while the step runs, in order and numbered', async () => {
    const gate = newGate();
    const { engine, platform, run } = await started((ctx) =>
      ctx.step('export', async ({ progress }) => {
        progress({ percent: 10 });
        progress({ percent: 50 });
        await gate.opened;
        progress({ percent: 100 });
      }),
    );
    const seen = async (): Promise<readonly unknown[]> =>
      (await eventsOfType(engine, 'run', 'step.progressed')).map(({ data, payload }) => [
        data.index,
        payload,
      ]);
    expect(await run.status()).toBe('running');
    expect(await seen()).toEqual([
      [0, '{"percent":10}'],
      [1, '{"percent":50}'],
    ]);
    gate.open();
    await platform.settle();
    expect(await seen()).toHaveLength(3);
    expect(await run.status()).toBe('completed');
  });

  test('is kept up to a thousand entries an attempt', async () => {
    const { engine, run } = await started((ctx) =>
      ctx.step('chatty', ({ progress }) => {
        for (let entry = 0; entry < 1_500; entry++) progress(entry);
      }),
    );
    expect(await run.status()).toBe('completed');
    expect(await eventsOfType(engine, 'run', 'step.progressed')).toHaveLength(1_000);
  });

  test('of an attempt that was left behind is not recorded', async () => {
    const late = newGate();
    const { engine, platform } = await started(async (ctx) => {
      const slow = ctx.step(
        'slow',
        async ({ progress }) => {
          await late.opened;
          progress('too late');
        },
        { timeout: '1s', retry: 'none' },
      );
      await slow.catch(() => undefined);
      await ctx.sleep('rest', '10s');
    });
    await platform.advance(2_000);
    late.open();
    await platform.advance(20_000);
    expect(await eventsOfType(engine, 'run', 'step.progressed')).toEqual([]);
  });
});

describe('the state that a run shows', () => {
  test('is the last that was set, and a replay does not record it again', async () => {
    const store = newDatabase();
    const one = flow(async (ctx) => {
      ctx.set({ phase: 'begun' });
      await ctx.step('a', () => 1);
      ctx.set({ phase: 'worked' });
      await ctx.sleep('rest', '1s');
      ctx.set({ phase: 'rested' });
    });
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    expect((await first.engine.runs.get('run')).shown).toEqual({ phase: 'worked' });
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 100 });
    await second.platform.advance(3_000);
    expect((await second.engine.runs.get('run')).shown).toEqual({ phase: 'rested' });
    const patches = await eventsOfType(second.engine, 'run', 'state.patched');
    expect(patches.map(({ data }) => data.index)).toEqual([0, 1, 2]);
  });
});

describe('what a function logs', () => {
  test('is said once: a replay does not say it again', async () => {
    const store = newDatabase();
    const one = flow(async (ctx) => {
      ctx.log.info('before', { n: 1 });
      await ctx.step('a', ({ log }) => log.warn('inside'));
      await ctx.sleep('rest', '1s');
      ctx.log.error('after');
    });
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(100);
    await first.kill();
    const second = await openEngine([one], { store, seed: 2, laterMs: 100 });
    await second.platform.advance(3_000);
    const said = (lines: typeof second.platform.lines) =>
      lines.map(({ level, message, fields }) => `${level} ${message} ${String(fields['runId'])}`);
    expect(said(first.platform.lines)).toEqual(expect.arrayContaining(['warn inside run']));
    expect(said(second.platform.lines)).toEqual(['error after run']);
  });
});

describe('the events of a run', () => {
  test('can be followed to its end, from any place', async () => {
    const { engine, platform } = await started(async (ctx) => {
      await ctx.step('a', () => 1);
      await ctx.signal('go');
      await ctx.step('b', () => 2);
    });
    const seen: StoredEvent[] = [];
    const following = (async () => {
      for await (const event of engine.handle('run').events({ follow: true, after: 2 })) seen.push(event);
      return 'ended';
    })();
    await platform.settle();
    expect(seen.at(-1)?.type).toBe('run.waiting');
    await engine.signal('run', 'go');
    await platform.settle();
    expect(await following).toBe('ended');
    const all = await eventsOf(engine, 'run');
    expect(seen).toEqual(all.slice(2));
  });

  test('are followed until the reader has enough', async () => {
    const { engine, platform } = await started((ctx) => ctx.signal('never'));
    const enough = new AbortController();
    let count = 0;
    const following = (async () => {
      for await (const _event of engine.handle('run').events({ follow: true, signal: enough.signal }))
        count++;
      return 'left';
    })();
    await platform.settle();
    enough.abort();
    expect(await following).toBe('left');
    expect(count).toBe((await eventsOf(engine, 'run')).length);
  });

  test('leave nothing on the signal of a reader who stays for long', async () => {
    const { engine, platform } = await started(async (ctx) => {
      for (let turn = 0; turn < 20; turn += 1) await ctx.signal('go');
      await ctx.signal('never');
    });
    const enough = new AbortController();
    const following = (async () => {
      for await (const _event of engine.handle('run').events({ follow: true, signal: enough.signal }));
    })();
    for (let turn = 0; turn < 20; turn += 1) {
      await engine.signal('run', 'go');
      await platform.settle();
    }
    expect(getEventListeners(enough.signal, 'abort').length).toBeLessThan(4);
    enough.abort();
    await following;
  });

  test('reach a reader in another process', async () => {
    const store = newDatabase();
    const one = flow(async (ctx) => {
      await ctx.signal('go');
      return await ctx.step('a', () => 'done');
    });
    const worker = await openEngine([one], { store });
    await worker.engine.start('flow', null, { id: 'run' });
    await worker.platform.advance(100);
    const reader = await openEngine([], { store, seed: 2 });
    const seen: string[] = [];
    const following = (async () => {
      for await (const { type } of reader.engine.handle('run').events({ follow: true })) seen.push(type);
    })();
    const result = reader.engine.handle('run').result();
    await reader.platform.settle();
    await worker.engine.signal('run', 'go');
    const hasSeenAll = async (): Promise<void> => {
      await worker.platform.advance(10);
      await reader.platform.advance(100);
      expect(seen.at(-1)).toBe('run.completed');
    };
    await vi.waitFor(hasSeenAll, { timeout: 10_000, interval: 20 });
    await following;
    expect(await result).toBe('done');
  });

  test('are told to their end where the run ends between two looks of the reader', async () => {
    const path = newDatabase();
    const worker = await openEngine([flow((ctx) => ctx.signal('go'))], { store: path });
    await worker.engine.start('flow', null, { id: 'run' });
    await worker.platform.advance(100);
    const platform = fakePlatform({ seed: 2, startMs: START });
    const inner = await openStore(platform, path);
    const store = afterEmptyRead(inner, async () => {
      await worker.engine.signal('run', 'go');
      await worker.platform.settle();
    });
    const engine = await pawl.open({ store, platform });
    const seen: string[] = [];
    for await (const { type } of engine.handle('run').events({ follow: true })) seen.push(type);
    expect(seen.at(-1)).toBe('run.completed');
    await closeEngine({ engine, platform });
  });
});

/** A store that does something before it says, for the first time, that there are no further events. */
function afterEmptyRead(inner: Store, act: () => Promise<void>): Store {
  let hasActed = false;
  const readEvents: Store['readEvents'] = async (...args) => {
    const events = await inner.readEvents(...args);
    if (events.length === 0 && !hasActed) {
      hasActed = true;
      await act();
    }
    return events;
  };
  return new Proxy(inner, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (property === 'readEvents') return readEvents;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

describe('why a run does not move', () => {
  test.each<[string, Run, RegExp, string | undefined]>([
    ['it sleeps', (ctx) => ctx.sleep('nap', '1h'), /sleeps in "nap" until 2026-01-01T01:00:00/, undefined],
    ['it waits for a signal', (ctx) => ctx.signal('go'), /signal "go"/, 'pawl signal run go'],
    [
      'it waits for a decision',
      (ctx) => ctx.approval('ship', { message: 'Ship it?', deadline: '1h' }),
      /decision on "ship" until .*: Ship it\?/,
      'pawl approve run ship --by NAME',
    ],
    [
      'it waits for an answer',
      (ctx) => ctx.input('name', undefined, { message: 'Who?' }),
      /answer to "name".*Who\?/,
      'pawl answer run name \'"TEXT"\' --by NAME',
    ],
    [
      'its step runs',
      (ctx) => ctx.step('slow', () => new Promise(() => undefined)),
      /Step "slow" has been running for \d+ s \(attempt 1\)/,
      undefined,
    ],
    [
      'its step is tried again later',
      (ctx) =>
        ctx.step('flaky', () => Promise.reject(new Error('no')), { retry: { initial: '1h', max: '1h' } }),
      /Step "flaky" failed once and is tried again at 2026/,
      undefined,
    ],
  ])('is told where %s', async (_what, run, text, command) => {
    const { engine } = await started(run);
    const { reasons } = await engine.why('run');
    expect(reasons).toHaveLength(1);
    expect(reasons[0]?.text).toMatch(text);
    expect(reasons[0]?.command).toBe(command);
  });

  test('is told for every part that holds it up', async () => {
    const { engine } = await started((ctx) =>
      Promise.all([ctx.signal('a'), ctx.sleep('b', '1h'), ctx.step('c', () => new Promise(() => undefined))]),
    );
    expect((await engine.why('run')).reasons).toHaveLength(3);
  });

  test('is told of finished runs too', async () => {
    const { engine } = await started(async () => 'done');
    expect((await engine.why('run')).reasons).toEqual([{ text: 'It is completed.' }]);
  });
});

describe('a step whose worker died', () => {
  const forever = (): Promise<never> => new Promise(() => undefined);

  async function orphaned(run: Run) {
    const store = newDatabase();
    const one = flow(run);
    const first = await openMortal([one], { store });
    await first.engine.start('flow', null, { id: 'run' });
    await first.platform.advance(3_000);
    await first.kill();
    const client = await openEngine([], { store, seed: 2, laterMs: 5_000 });
    return { one, store, client };
  }

  test('is not said to be running, and a worker is asked for', async () => {
    const { client } = await orphaned((ctx) => ctx.step('slow', forever));
    expect((await client.engine.why('run')).reasons).toEqual([
      { text: expect.stringMatching(/^Step "slow" \(attempt 1\) was lost with its worker/) as string },
      {
        text: 'no_worker_version: no live worker serves flow version 1.',
        command: 'pawl worker FILE',
      },
    ]);
    expect((await client.engine.runs.get('run')).steps).toMatchObject([{ path: 'slow', isLost: true }]);
  });

  test('is still lost where somebody has cleared the dead worker away', async () => {
    const { client, store } = await orphaned((ctx) => ctx.step('slow', forever));
    const neighbor = workflow({ name: 'neighbor' }, async () => undefined);
    const other = await openEngine([neighbor], { store, seed: 3, laterMs: 6_000 });
    const isFreed = async (): Promise<void> => {
      await other.platform.advance(500);
      expect((await client.engine.runs.get('run')).holder).toBeUndefined();
    };
    await vi.waitFor(isFreed, { timeout: 10_000, interval: 20 });
    const { reasons } = await client.engine.why('run');
    expect(reasons.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Step "slow" .* was lost with its worker/),
      expect.stringMatching(/^no_worker_version/),
    ]);
    expect((await client.engine.runs.get('run')).steps).toMatchObject([{ path: 'slow', isLost: true }]);
  });

  test('runs again, and is shown so, as soon as a worker has it', async () => {
    const { client, store, one } = await orphaned((ctx) => ctx.step('slow', forever));
    const second = await openEngine([one], { store, seed: 3, laterMs: 6_000 });
    const isTaken = async (): Promise<void> => {
      await second.platform.advance(500);
      const [slow] = (await client.engine.runs.get('run')).steps;
      expect(slow).toMatchObject({ status: 'running' });
      expect(slow).not.toHaveProperty('isLost');
    };
    await vi.waitFor(isTaken, { timeout: 10_000, interval: 20 });
    expect((await client.engine.why('run')).reasons[0]?.text).toMatch(/^Step "slow" has been running/);
  });

  test('has no part in a run that only waits', async () => {
    const { client } = await orphaned(async (ctx) => ctx.signal('go'));
    expect((await client.engine.why('run')).reasons.map(({ text }) => text)).toEqual([
      'It waits for the signal "go".',
    ]);
  });

  test('leaves a run between two steps to the next worker', async () => {
    const { client } = await orphaned(async () => await forever());
    const { reasons } = await client.engine.why('run');
    expect(reasons.map(({ text }) => text)).toEqual([
      'no_worker_version: no live worker serves flow version 1.',
    ]);
  });
});

describe('the list of open waits', () => {
  test('is oldest first, over all runs, by kind or by run', async () => {
    const one = workflow({ name: 'flow' }, async (ctx, what: 'signal' | 'approval') => {
      if (what === 'signal') await ctx.signal('go');
      else await ctx.approval('ship', { message: 'Ship?' });
    });
    const { engine, platform } = await openEngine([one]);
    await engine.start(one, 'signal', { id: 'first' });
    await platform.advance(10);
    await engine.start(one, 'approval', { id: 'second' });
    await platform.advance(10);
    await engine.start(one, 'signal', { id: 'third' });
    await platform.advance(10);
    const ids = async (options?: object): Promise<readonly string[]> =>
      (await engine.waits(options)).map(({ runId }) => runId);
    expect(await ids()).toEqual(['first', 'second', 'third']);
    expect(await ids({ kinds: ['approval'] })).toEqual(['second']);
    expect(await ids({ runId: 'third' })).toEqual(['third']);
    await engine.signal('first', 'go');
    expect(await ids()).toEqual(['second', 'third']);
  });
});

describe('a step in detail', () => {
  test('has its label, its times, its attempts and what it used', async () => {
    const { engine, platform } = await started(async (ctx) => {
      await ctx.sleep('rest', '10s');
      await ctx.step(
        'work',
        ({ attempt, report }) => {
          report({ inputTokens: 2 });
          if (attempt === 1) throw new Error('no');
          return { n: 1 };
        },
        { label: 'The work', input: { order: 7 }, retry: { initial: '5s', jitter: 0 } },
      );
    });
    await platform.advance(20_000);
    const { steps } = await engine.runs.get('run');
    expect(steps[1]).toMatchObject({
      path: 'work',
      kind: 'step',
      label: 'The work',
      status: 'completed',
      attempt: 2,
      outcome: 'ok',
      startedAt: '2026-01-01T00:00:15.000Z',
      endedAt: '2026-01-01T00:00:15.000Z',
      input: { order: 7 },
      output: { n: 1 },
      usage: { inputTokens: 4 },
    });
    expect(await storyOf(engine, 'run')).toContain('step.retried work');
  });
});
