/** Where runs stand in a store over several clusters, and how they are found again. */
import { describe, expect, test } from 'vitest';
import type { Store } from '../../packages/pawl/src/store/index.ts';
import {
  answerOf,
  childOf,
  claimOf,
  commitOne,
  conclusionOf,
  enqueue,
  eventsOf,
  externalOf,
  factsOf,
  HOLDER,
  newRun,
  refOf,
  rest,
  start,
  startOf,
} from '../../packages/pawl/src/testing/contract/batches.ts';
import { MovedClock } from '../../packages/pawl/src/testing/contract/index.ts';
import {
  completed,
  opened,
  runCompleted,
  signalled,
} from '../../packages/pawl/src/testing/contract/sample-events.ts';
import { inMemory, openFiles, openNewFiles, openOver, START } from './open-sharded.ts';

const IDS = Array.from({ length: 40 }, (_, index) => `run-${index}`);

async function openThree() {
  const clock = new MovedClock(START);
  const stores = await inMemory(3, clock);
  return { clock, stores, store: await openOver(stores) };
}

/** Which of the stores has a run, by its place. */
async function placesOf(stores: readonly Store[], runId: string): Promise<number[]> {
  const rows = await Promise.all(stores.map((store) => store.getRun('default', runId)));
  return rows.flatMap((row, index) => (row === undefined ? [] : [index]));
}

describe('runs over three clusters', () => {
  test('each stands on one, and all of them have some', async () => {
    const { stores, store } = await openThree();
    for (const id of IDS) await start(store, id);
    const places = await Promise.all(IDS.map((id) => placesOf(stores, id)));
    expect(new Set(places.map((place) => place.length))).toEqual(new Set([1]));
    expect(new Set(places.flat())).toEqual(new Set([0, 1, 2]));
  });

  test('are found by id alone in a store that has never seen them, and have one number everywhere', async () => {
    const { clock, paths, store } = await openNewFiles(3);
    const other = await openFiles(paths, clock);
    const nums = new Set<number | undefined>();
    for (const id of IDS.slice(0, 12)) {
      const held = await start(store, id);
      await commitOne(store, factsOf(held, [completed(id)]));
      expect((await other.getRun('default', id))?.run).toEqual(held.run);
      expect((await eventsOf(other, refOf(id))).at(-1)?.path).toBe(id);
      expect((await eventsOf(other, held.run)).length).toBe(2);
      await commitOne(other, externalOf(refOf(id), [signalled('s')]));
      nums.add(held.run.num);
    }
    expect(nums.size).toBe(12);
  });

  test('a family stands where its root stands, whatever the ids of its members', async () => {
    const { stores, store } = await openThree();
    for (const id of IDS.slice(0, 10)) {
      const parent = await start(store, id);
      const creates = [1, 2, 3].map((n) => newRun(`${id}/child-${n}`, childOf(id)));
      const { created } = await commitOne(store, factsOf(parent, [completed('x')], { creates }));
      for (const { run } of created)
        await commitOne(store, factsOf({ run, holder: HOLDER, epoch: 1, seq: 1 }, [completed('y')]));
      const places = await Promise.all(creates.map(({ runId }) => placesOf(stores, runId)));
      expect(new Set(places.flat())).toEqual(new Set(await placesOf(stores, id)));
      const children = await store.listRuns({ tenant: 'default', parentRunId: id, limit: 10 });
      expect(children.length).toBe(3);
    }
  });

  test('what a family says to another one is refused by name, and says nothing', async () => {
    const { stores, store } = await openThree();
    const helds = await Promise.all(IDS.map((id) => start(store, id)));
    const [held = expect.fail()] = helds;
    const [home] = await placesOf(stores, held.run.runId);
    const places = await Promise.all(helds.map(({ run }) => placesOf(stores, run.runId)));
    const stranger = helds[places.findIndex(([place]) => place !== home)] ?? expect.fail();
    const arrivals = [{ run: stranger.run, events: [signalled('s')] }];
    const answer = await answerOf(store, factsOf(held, [completed('x')], { arrivals }));
    expect(answer).toMatchObject({ type: 'refused', reason: 'refused' });
    expect(answer.type === 'refused' && answer.detail).toContain(stranger.run.runId);
    expect((await eventsOf(store, held.run)).length).toBe(1);
  });
});

describe('a key', () => {
  test('gives one run, whatever the id and whoever asks, also in one moment', async () => {
    const { clock, paths, store } = await openNewFiles(3);
    const other = await openFiles(paths, clock);
    for (const key of IDS.slice(0, 8)) {
      const starts = [store, other, store, other].map((one, index) =>
        commitOne(one, startOf(newRun(`${key}-${index}`, { idempotencyKey: key }), { isIdempotent: true })),
      );
      const created = (await Promise.all(starts)).flatMap((answer) => answer.created);
      expect(new Set(created.map(({ run }) => run.num)).size).toBe(1);
      expect(created.filter(({ isNew }) => isNew).length).toBe(1);
    }
  });

  test('an id that it brought is taken on all clusters', async () => {
    const { stores, store } = await openThree();
    for (const id of IDS) await start(store, id, { idempotencyKey: `key of ${id}` });
    for (const id of IDS) {
      const again = await answerOf(store, startOf(newRun(id)));
      expect(again).toMatchObject({ type: 'refused', reason: 'conflict' });
      const keyed = await answerOf(store, startOf(newRun(id, { idempotencyKey: 'another' })));
      expect(keyed).toMatchObject({ type: 'refused', reason: 'conflict' });
      expect((await placesOf(stores, id)).length).toBe(1);
    }
  });
});

describe('lists over three clusters', () => {
  test('pages hold every run once, newest first, also for a reader that begins in the middle', async () => {
    const { clock, paths, store } = await openNewFiles(3);
    for (const [index, id] of IDS.entries()) {
      await start(store, id);
      if (index % 4 === 0) clock.move(1); // several in one millisecond
    }
    const whole = await store.listRuns({ tenant: 'default', limit: 100 });
    const times = whole.map((row) => row.createdAt);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    for (const limit of [1, 7, 16]) {
      const read: string[] = [];
      for (let before: string | undefined; ; ) {
        const reader = await openFiles(paths, clock);
        const page = await reader.listRuns({ tenant: 'default', limit, ...(before ? { before } : {}) });
        read.push(...page.map(({ run }) => run.runId));
        before = page.at(-1)?.run.runId;
        if (page.length < limit || before === undefined) break;
        if (limit === 1 && read.length === 12) break; // enough of the slowest
      }
      expect(read).toEqual(whole.slice(0, limit === 1 ? 12 : 40).map(({ run }) => run.runId));
    }
  });

  test('waits come oldest first, and no more than asked for', async () => {
    const { clock, store } = await openThree();
    for (const id of IDS.slice(0, 12)) {
      await commitOne(store, factsOf(await start(store, id), [opened('signal', 'gate')]));
      clock.move(1);
    }
    const all = await store.listWaits({ tenant: 'default', limit: 100 });
    expect(all.map(({ run }) => run.runId)).toEqual(IDS.slice(0, 12));
    expect((await store.listWaits({ tenant: 'default', limit: 5 })).length).toBe(5);
    const one = await store.listWaits({ tenant: 'default', runId: 'run-7', limit: 5 });
    expect(one.map(({ run }) => run)).toEqual([all[7]?.run]);
  });
});

describe('claims over three clusters', () => {
  test('take turns among them, and give whoever asks for more the rest', async () => {
    const { clock, stores, store } = await openThree();
    for (const id of IDS) await enqueue(store, id);
    const now = clock.now();
    const turns: number[][] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const [claimed] = await claimOf({ store, now }, { limit: 1 });
      turns.push(await placesOf(stores, claimed?.row.run.runId ?? ''));
    }
    expect(new Set(turns.flat())).toEqual(new Set([0, 1, 2]));
    expect((await claimOf({ store, now }, { limit: 30 })).length).toBe(30);
    expect((await claimOf({ store, now }, { limit: 30 })).length).toBe(7);
    expect((await store.heldBy('holder-2')).length).toBe(40);
  });

  test('have one run in quarantine at a time, from whichever cluster', async () => {
    const { clock, store } = await openThree();
    const ids = IDS.slice(0, 6);
    for (const id of ids) await enqueue(store, id);
    for (const holder of ['a', 'b', 'c'])
      await claimOf({ store, now: clock.now() }, { holder, dead: ['a', 'b', 'c'], quarantine: false });
    for (let left = ids.length; left > 0; left -= 1) {
      const claimed = await claimOf({ store, now: clock.now() }, { holder: `q${left}`, quarantine: true });
      expect(claimed.length).toBe(1);
    }
  });

  test('the earliest of all due times is known', async () => {
    const { clock, store } = await openThree();
    for (const [index, id] of IDS.slice(0, 6).entries())
      await rest(store, await start(store, id), clock.now() + 1_000 - index);
    expect(await store.nextDueAt([{ workflow: 'ship', versions: ['1'] }])).toBe(clock.now() + 995);
  });
});

test('an engine is one row with all that it holds, and pruning goes through all clusters', async () => {
  const { clock, stores, store } = await openThree();
  await store.registerWorker({ id: 'holder-1', hostname: 'h', pid: 1, startedAt: 1, serves: [] });
  const helds = await Promise.all(IDS.map((id) => start(store, id)));
  expect(await store.listWorkers()).toMatchObject([{ id: 'holder-1', held: 40 }]);
  for (const held of helds) await commitOne(store, conclusionOf(held, { events: [runCompleted] }));
  clock.move(1_000);
  const removed: number[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const pruned = await store.prune({ endedBefore: clock.now(), limit: 10, after });
    removed.push(pruned.removed);
    after = pruned.next;
  }
  expect(removed.reduce((a, b) => a + b)).toBe(37); // the newest of each cluster stays
  expect(Math.max(...removed)).toBeLessThanOrEqual(10);
  const left = await Promise.all(stores.map((one) => one.listRuns({ tenant: 'default', limit: 9 })));
  expect(left.map((rows) => rows.length)).toEqual([1, 1, 1]);
});
