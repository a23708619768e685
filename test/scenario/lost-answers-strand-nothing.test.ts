/** A commit that lands and whose answer is lost: what it created or touched is found at once, without waiting for a look around. */
import { type Engine, type RunHandle, workflow } from 'pawl';
import { type FakePlatform, fakePlatform } from 'pawl/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { pawlError } from '../../packages/pawl/src/errors/index.ts';
import type { Batch, Store } from '../../packages/pawl/src/store/index.ts';
import { openBetween } from './support/between-store.ts';
import { newGate } from './support/gate.ts';
import { newDatabase, openEngine } from './support/opened-engine.ts';
import { storyOf } from './support/run-log.ts';

const firings: string[] = [];
afterEach(() => void firings.splice(0));

const kid = workflow({ name: 'kid' }, (ctx, _input: unknown) =>
  ctx.step('work', () => void firings.push('kid')),
);

const parent = workflow({ name: 'parent' }, async (ctx, _input: unknown) => {
  await ctx.workflow(kid, null, { name: 'child' });
  await ctx.step('after', () => void firings.push('parent'));
});

const relay = workflow({ name: 'relay' }, async (ctx, left: number): Promise<void> => {
  await ctx.step('work', () => void firings.push(`leg ${left}`));
  if (left > 0) await ctx.continueAsNew(left - 1);
});

const waiter = workflow({ name: 'waiter' }, async (ctx, _input: unknown) => {
  await ctx.signal('go');
  await ctx.step('work', () => void firings.push('waiter'));
});

/** From the second doubt in a row on the store is asked less often. */
const LESS_THAN_A_POLL_MS = 1_000;

interface Lossy {
  readonly engine: Engine;
  readonly platform: FakePlatform;
  /** Answers that were lost. */
  readonly losses: number;
}

interface Loss {
  readonly times?: number;
  /** What happens in the store before anybody can ask it again. */
  readonly then?: (store: Store) => Promise<void>;
  readonly workflows?: readonly unknown[];
}

/** Loses the first answers to commits that hold such a batch. */
async function openLossy(isLost: (batch: Batch) => boolean, loss: Loss = {}): Promise<Lossy> {
  const { times = 1, then, workflows = [kid, parent, relay, waiter] } = loss;
  let losses = 0;
  const { store } = await openBetween(fakePlatform(), {
    after: async (batches, _answers, inner) => {
      if (losses >= times || !batches.some(isLost)) return;
      losses += 1;
      await then?.(inner);
      throw pawlError('STORE_UNKNOWN', { problem: 'the test lost the answer of this commit' });
    },
  });
  const opened = await openEngine(workflows, { store });
  return {
    ...opened,
    get losses() {
      return losses;
    },
  };
}

/** The status of a run when nothing is left to do: no timer has fired. */
async function settled({ platform }: Lossy, run: RunHandle<unknown>): Promise<string> {
  await platform.settle();
  return await run.status();
}

const isStart = (batch: Batch): boolean => batch.fence === 'external' && (batch.creates ?? []).length > 0;
const startsChild = ({ events }: Batch): boolean => events.some(({ type }) => type === 'child.started');
const endsRun = ({ conclusion }: Batch): boolean =>
  conclusion?.events.some(({ type }) => type === 'run.completed') ?? false;

describe('a run whose start landed while its answer was lost is driven at once, and only once', () => {
  test.each([
    ['that let the engine choose its id', {}],
    ['that named its id', { id: 'named' }],
    ['that has a key', { idempotencyKey: 'key' }],
    ['that has both', { id: 'named', idempotencyKey: 'key' }],
  ])('%s', async (_what, options) => {
    for (const times of [1, 2, 3]) {
      const lossy = await openLossy(isStart, { times });
      const starting = lossy.engine.start(kid, null, options);
      await lossy.platform.advance(LESS_THAN_A_POLL_MS);
      expect(await settled(lossy, await starting)).toBe('completed');
      expect([lossy.losses, firings.splice(0)]).toEqual([times, ['kid']]);
    }
  });
});

test('a run that was taken over before its second answer came is not driven here, although that answer calls it new', async () => {
  const lossy = await openLossy(isStart, {
    then: async (store) => {
      const [me] = await store.listWorkers();
      const [run] = await store.heldBy(me?.id ?? '');
      const serves = [{ workflow: 'kid', versions: [run?.version ?? ''] }];
      const request = { holder: 'other', serves, limit: 1, now: run?.dueAt ?? 0, quarantine: true };
      expect(await store.claim({ ...request, dead: [me?.id ?? ''] })).toHaveLength(1);
    },
  });
  const run = await lossy.engine.start(kid, null, { id: 'named' });
  expect(await settled(lossy, run)).toBe('running');
  expect(firings).toEqual([]);
});

test('a child that was created in such a commit is driven at once, and once', async () => {
  const lossy = await openLossy(startsChild);
  const run = await lossy.engine.start(parent, null);
  expect(await settled(lossy, run)).toBe('completed');
  expect(firings).toEqual(['kid', 'parent']);
  expect(
    (await storyOf(lossy.engine, run.id)).filter((line) => line.startsWith('child.started')),
  ).toHaveLength(1);
});

test('the end of a child in such a commit reaches its parent at once', async () => {
  const lossy = await openLossy((batch) => endsRun(batch) && (batch.conclusion?.arrivals ?? []).length > 0);
  const run = await lossy.engine.start(parent, null);
  expect(await settled(lossy, run)).toBe('completed');
  expect([lossy.losses, firings]).toEqual([1, ['kid', 'parent']]);
});

test('a run that goes on as another one in such a commit goes on at once', async () => {
  const lossy = await openLossy((batch) => (batch.conclusion?.creates ?? []).length > 0);
  const run = await lossy.engine.start(relay, 2);
  const result = run.result().then(() => 'there');
  await lossy.platform.settle();
  expect(firings).toEqual(['leg 2', 'leg 1', 'leg 0']);
  expect(await Promise.race([result, lossy.platform.settle().then(() => 'nobody was told')])).toBe('there');
});

test('who waits for the result of a run that ended in such a commit is told at once', async () => {
  const lossy = await openLossy(endsRun);
  const run = await lossy.engine.start(kid, null);
  const result = run.result().then(() => 'there');
  await lossy.platform.settle();
  expect(await Promise.race([result, lossy.platform.settle().then(() => 'nobody was told')])).toBe('there');
});

test('a signal that came in such a commit wakes its run at once', async () => {
  const lossy = await openLossy(({ events }) => events.some(({ type }) => type === 'signal.received'), {
    times: 2,
  });
  const run = await lossy.engine.start(waiter, null);
  await lossy.platform.settle();
  const sending = lossy.engine.signal(run.id, 'go');
  await lossy.platform.advance(LESS_THAN_A_POLL_MS);
  await sending;
  expect(await settled(lossy, run)).toBe('completed');
  expect([lossy.losses, firings]).toEqual([2, ['waiter']]);
});

test('a claim that landed while its answer was lost is found by the next look around, also by a worker with nothing else to do', async () => {
  const url = newDatabase();
  const { store } = await openBetween(fakePlatform({ seed: 2 }), {}, url);
  let losses = 0;
  const claim: Store['claim'] = async (request) => {
    const claimed = await store.claim(request);
    if (claimed.length === 0 || losses > 0) return claimed;
    losses += 1;
    throw pawlError('STORE_UNKNOWN', { problem: 'the test lost the answer of this claim' });
  };
  const lossy = new Proxy(store, {
    get: (target, name): unknown => (name === 'claim' ? claim : Reflect.get(target, name, target)),
  });
  const client = await openEngine([kid], { store: url, worker: false });
  const run = await client.engine.start(kid, null);
  const { platform } = await openEngine([kid], { store: lossy, seed: 2 });
  await platform.advance(10_000);
  expect([losses, firings, await run.status()]).toEqual([1, ['kid'], 'completed']);
});

test('an attempt that was running when such a commit told of its start is tried again when it fails', async () => {
  const flaky = workflow({ name: 'kid' }, async (ctx, _input: unknown) => {
    for (const name of ['a', 'b', 'c']) await ctx.step(name, () => name);
    const fire = async ({ attempt }: { readonly attempt: number }): Promise<void> => {
      firings.push(`attempt ${attempt}`);
      await over.opened;
      if (attempt === 1) throw new Error('not yet');
    };
    await ctx.step('flaky', fire, { retry: { initial: '1s', jitter: 0 } });
  });
  const over = newGate();
  const lossy = await openLossy(({ events }) => events.some(({ type }) => type === 'step.started'), {
    workflows: [flaky],
  });
  const run = await lossy.engine.start(flaky, null);
  await lossy.platform.advance(100);
  over.open();
  await lossy.platform.advance(2_000);
  expect([lossy.losses, firings, await run.status()]).toEqual([1, ['attempt 1', 'attempt 2'], 'completed']);
});

test.each([{ hasLanded: false }, { hasLanded: true }])(
  'attempts that ended one after the other while such a commit was under way all stand in the log, each once (it landed: $hasLanded)',
  async ({ hasLanded }) => {
    const nap = (ms: number) => new Promise<void>((resolve) => void opened.platform.setTimer(ms, resolve));
    const flaky = workflow({ name: 'kid' }, async (ctx, _input: unknown) => {
      const fire = ({ attempt }: { readonly attempt: number }): void => {
        firings.push(`attempt ${attempt}`);
        if (attempt < 3) throw new Error('not yet');
      };
      const retry = { attempts: 3, initial: '20ms', max: '20ms', jitter: 0 } as const;
      await ctx.parallel('both', {
        flaky: (c) => c.step('flaky', fire, { retry }),
        busy: async (c) => await c.map('naps', [30, 60], (ms, one) => one.step('nap', () => nap(ms))),
      });
    });
    const over = newGate();
    let losses = 0;
    const lose = async (batches: readonly Batch[]): Promise<void> => {
      if (losses > 0 || !batches.some(({ events }) => events.some(({ type }) => type === 'step.retried')))
        return;
      losses += 1;
      await over.opened;
      throw pawlError('STORE_UNKNOWN', { problem: 'the test lost this commit' });
    };
    const { store } = await openBetween(fakePlatform(), hasLanded ? { after: lose } : { before: lose });
    const opened = await openEngine([flaky], { store });
    const { engine, platform } = opened;
    const run = await engine.start(flaky, null);
    await platform.advance(100);
    expect([losses, firings]).toEqual([1, ['attempt 1', 'attempt 2', 'attempt 3']]);
    over.open();
    await platform.advance(1_000);

    expect([await run.status(), firings.length]).toEqual(['completed', 3]);
    const ends = (await storyOf(engine, run.id)).filter((event) => /^step.*flaky$/.test(event));
    expect(ends).toEqual(['retried', 'retried', 'completed'].map((end) => `step.${end} both/flaky/flaky`));
  },
);
