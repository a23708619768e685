/** The contract of retention: what ended long ago goes whole, and nothing that somebody may still need. */
import assert from 'node:assert/strict';
import type { NewRun, Pruned, PruneRequest, Store } from '../../store/index.ts';
import {
  childOf,
  commitOne,
  conclusionOf,
  enqueue,
  eventsOf,
  factsOf,
  HOLDER,
  newRun,
  refOf,
  start,
  startOf,
} from './batches.ts';
import type { ContractTest, MovedClock } from './contract.ts';
import { completed, opened, runCompleted } from './sample-events.ts';

const DAY_MS = 86_400_000;

async function ended(store: Store, runId: string, options: Partial<NewRun> = {}): Promise<void> {
  const held = await start(store, runId, options);
  await commitOne(store, conclusionOf(held, { events: [runCompleted] }));
}

async function prune(store: Store, more: Partial<PruneRequest> = {}): Promise<Pruned> {
  return await store.prune({ endedBefore: Number.MAX_SAFE_INTEGER, limit: 100, after: 0, ...more });
}

/** Ids that are left, in order of creation. The newest run of all stays in any case. */
async function left(store: Store): Promise<string[]> {
  const rows = await store.listRuns({ tenant: 'default', limit: 100 });
  return rows.map(({ run }) => run.runId).toSorted();
}

/** Starts runs, lets a day pass, and starts one more, which stays. */
async function aDayLater(store: Store, clock: MovedClock): Promise<number> {
  clock.move(DAY_MS);
  await enqueue(store, 'newest');
  return clock.now() - 1;
}

export const retentionContract: readonly ContractTest[] = [
  {
    name: 'what ended before the time goes, with its log; what lives, waits or ended later stays',
    async run(open) {
      const { store, clock } = await open();
      await ended(store, 'old');
      await start(store, 'lives');
      const waits = await start(store, 'waits');
      await commitOne(store, factsOf(waits, [opened('signal', 'go')]));
      const endedBefore = await aDayLater(store, clock);
      await ended(store, 'young');
      await enqueue(store, 'z');
      assert.deepEqual(await prune(store, { endedBefore }), { removed: 1, next: undefined });
      assert.deepEqual(await left(store), ['lives', 'newest', 'waits', 'young', 'z']);
      assert.equal(await store.getRun('default', 'old'), undefined);
      assert.deepEqual(await eventsOf(store, refOf('old')), []);
    },
  },
  {
    name: 'P14 a family goes together: as long as one of it lives or is young, all of it stays',
    async run(open) {
      const { store, clock } = await open();
      await ended(store, 'a');
      const child = await start(store, 'a-child', childOf('a'));
      await ended(store, 'b');
      await ended(store, 'b-child', childOf('b'));
      const endedBefore = await aDayLater(store, clock);
      assert.equal((await prune(store, { endedBefore })).removed, 2);
      assert.deepEqual(await left(store), ['a', 'a-child', 'newest']);
      await commitOne(store, conclusionOf(child, { events: [runCompleted] }));
      assert.equal((await prune(store, { endedBefore })).removed, 0); // it has just ended
      clock.move(DAY_MS);
      await enqueue(store, 'z');
      assert.equal((await prune(store, { endedBefore: clock.now() })).removed, 2);
      assert.deepEqual(await left(store), ['newest', 'z']);
    },
  },
  {
    name: 'a few go at a time, large families too, and nothing is forgotten on the way',
    async run(open) {
      const { store, clock } = await open();
      for (const id of ['a', 'b', 'c', 'd']) await ended(store, id);
      for (let index = 0; index < 5; index++) await ended(store, `a-${index}`, childOf('a'));
      const endedBefore = await aDayLater(store, clock);
      const removed: number[] = [];
      let next: number | undefined = 0;
      while (next !== undefined && removed.length < 50) {
        const answer: Pruned = await prune(store, { endedBefore, limit: 2, after: next });
        removed.push(answer.removed);
        next = answer.next;
      }
      assert.ok(
        removed.every((count) => count <= 2),
        removed.join(),
      );
      assert.equal(
        removed.reduce((sum, count) => sum + count, 0),
        9,
      );
      assert.deepEqual(await left(store), ['newest']);
    },
  },
  {
    name: 'the family of the newest run stays, so that no number is given twice',
    async run(open) {
      const { store, clock } = await open();
      await ended(store, 'a');
      await ended(store, 'b');
      await ended(store, 'b-child', childOf('b'));
      clock.move(DAY_MS);
      assert.equal((await prune(store)).removed, 1);
      assert.deepEqual(await left(store), ['b', 'b-child']);
    },
  },
  {
    name: 'a key names a new run when the old one has gone',
    async run(open) {
      const { store, clock } = await open();
      const keyed = (id: string) => startOf(newRun(id, { idempotencyKey: 'k' }));
      const first = await commitOne(store, keyed('a'));
      const { run } = first.created[0] ?? assert.fail();
      const held = { run, holder: HOLDER, epoch: 1, seq: first.lastSeq };
      await commitOne(store, conclusionOf(held, { events: [runCompleted] }));
      const endedBefore = await aDayLater(store, clock);
      assert.equal((await prune(store, { endedBefore })).removed, 1);
      const again = await commitOne(store, keyed('b'));
      assert.equal(again.created[0]?.isNew, true);
    },
  },
  {
    name: 'tenants do not keep each other, nor take each other along',
    async run(open) {
      const { store, clock } = await open();
      await ended(store, 'a', { tenant: 'red' });
      await start(store, 'a-child', { ...childOf('a'), tenant: 'blue' });
      await ended(store, 'a', { tenant: 'blue' });
      const endedBefore = await aDayLater(store, clock);
      assert.equal((await prune(store, { endedBefore, tenant: 'blue' })).removed, 0);
      assert.equal((await prune(store, { endedBefore, tenant: 'nobody' })).removed, 0);
      assert.equal((await prune(store, { endedBefore })).removed, 1);
      assert.equal(await store.getRun('red', 'a'), undefined);
      assert.notEqual(await store.getRun('blue', 'a'), undefined);
    },
  },
  {
    name: 'a large payload stays as long as an event refers to it, also where it was not used for a day',
    async run(open) {
      const { store, clock } = await open();
      const large = JSON.stringify('x'.repeat(40_000));
      const held = await start(store, 'a');
      await commitOne(store, factsOf(held, [completed('x', large)]));
      await ended(store, 'b');
      clock.move(2 * DAY_MS);
      await enqueue(store, 'newest');
      await prune(store, { endedBefore: clock.now() });
      assert.equal((await eventsOf(store, refOf('a')))[1]?.payload, large);
    },
  },
];
