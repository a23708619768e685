/** The contract of claims: one path to a holder, fair to tenants and workflows, a new epoch each time, strikes for the dead. */
import assert from 'node:assert/strict';
import type { Store } from '../../store/index.ts';
import {
  claimOf,
  commitOne,
  conclusionOf,
  enqueue,
  externalOf,
  factsOf,
  HOLDER,
  heldOf,
  OTHER,
  refusedOne,
  rest,
  rowOf,
  SERVES,
  start,
} from './batches.ts';
import type { ContractTest } from './contract.ts';
import { completed, runCompleted, signalled } from './sample-events.ts';

const SERVES_TWO = [...SERVES, { workflow: 'bill', versions: ['1', '2'] }];

function idsOf(claimed: readonly { row: { run: { runId: string } } }[]): string[] {
  return claimed.map((one) => one.row.run.runId);
}

async function enqueueMany(store: Store, ids: readonly string[], options = {}): Promise<void> {
  for (const id of ids) await enqueue(store, id, options);
}

export const claimContract: readonly ContractTest[] = [
  {
    name: 'J13 a claim gives the run to one holder in a new epoch, and to nobody else',
    async run(open) {
      const { store, clock, openAgain } = await open();
      const other = (await openAgain?.()) ?? store;
      await enqueueMany(store, ['a', 'b', 'c', 'd']);
      const [mine, theirs] = await Promise.all([
        claimOf({ store, now: clock.now() }, { holder: HOLDER, limit: 3 }),
        claimOf({ store: other, now: clock.now() }, { limit: 3 }),
      ]);
      assert.deepEqual([...idsOf(mine), ...idsOf(theirs)].toSorted(), ['a', 'b', 'c', 'd']);
      const [claimed] = mine;
      assert.deepEqual(
        [claimed?.row.holder, claimed?.row.epoch, claimed?.strikes, claimed?.wasTaken],
        [HOLDER, 1, 0, false],
      );
      assert.deepEqual(await claimOf({ store, now: clock.now() }), []);
    },
  },
  {
    name: 'J7 the oldest of 1,000 due runs are not starved by newer ones',
    async run(open) {
      const { store, clock } = await open();
      const old = Array.from({ length: 10 }, (_, index) => `old-${index}`);
      await enqueueMany(store, old);
      clock.move(1_000);
      await Promise.all(Array.from({ length: 990 }, (_, index) => enqueue(store, `new-${index}`)));
      assert.deepEqual(idsOf(await claimOf({ store, now: clock.now() }, { limit: 10 })), old);
      let rounds = 0;
      for (let left = 990; left > 0; rounds += 1) left -= (await claimOf({ store, now: clock.now() })).length;
      assert.equal(rounds, 10);
    },
  },
  {
    name: 'P9 tenants take turns, whatever stands in the line of one of them',
    async run(open) {
      const { store, clock } = await open();
      await enqueueMany(
        store,
        Array.from({ length: 20 }, (_, index) => `red-${index}`),
        { tenant: 'red' },
      );
      clock.move(5);
      await enqueueMany(store, ['blue-0', 'blue-1'], { tenant: 'blue' });
      const claimed = idsOf(await claimOf({ store, now: clock.now() }, { limit: 6 }));
      assert.deepEqual(claimed.toSorted(), ['blue-0', 'blue-1', 'red-0', 'red-1', 'red-2', 'red-3']);
    },
  },
  {
    name: 'turns go on between claims: two claims of one run serve two tenants and then two workflows',
    async run(open) {
      const { store, clock } = await open();
      for (const tenant of ['red', 'blue']) {
        await enqueueMany(store, [`${tenant}-ship-1`, `${tenant}-ship-2`], { tenant });
        await enqueueMany(store, [`${tenant}-bill-1`, `${tenant}-bill-2`], { tenant, workflow: 'bill' });
      }
      const claimed: string[] = [];
      for (let index = 0; index < 8; index += 1) {
        claimed.push(...idsOf(await claimOf({ store, now: clock.now() }, { limit: 1, serves: SERVES_TWO })));
      }
      const inPairs = [0, 2, 4, 6].map(
        (at) => new Set(claimed.slice(at, at + 2).map((id) => id.split('-')[0])).size,
      );
      assert.deepEqual(inPairs, [2, 2, 2, 2]);
      const inFours = [0, 4].map(
        (at) => new Set(claimed.slice(at, at + 4).map((id) => id.slice(0, -2))).size,
      );
      assert.deepEqual(inFours, [4, 4]);
    },
  },
  {
    name: 'within a workflow the higher priority goes first, then the longest due, over all versions',
    async run(open) {
      const { store, clock } = await open();
      const workflow = 'bill';
      await enqueue(store, 'plain-old', { workflow });
      clock.move(1);
      await enqueue(store, 'plain-new', { workflow, version: '2' });
      clock.move(1);
      await enqueue(store, 'plain-newest', { workflow });
      await enqueue(store, 'urgent', { workflow, priority: 5 });
      await enqueue(store, 'later', { workflow, priority: -1 });
      const claimed = idsOf(await claimOf({ store, now: clock.now() }, { serves: SERVES_TWO }));
      assert.deepEqual(claimed, ['urgent', 'plain-old', 'plain-new', 'plain-newest', 'later']);
    },
  },
  {
    name: 'P12 a run of a version that the holder does not serve is left for one that does',
    async run(open) {
      const { store, clock } = await open();
      await enqueueMany(store, ['a'], { version: '2' });
      await enqueueMany(store, ['b'], { workflow: 'bill' });
      assert.deepEqual(await claimOf({ store, now: clock.now() }), []);
      assert.equal(await store.nextDueAt(SERVES), undefined);
      const both = [{ workflow: 'ship', versions: ['1', '2'] }, ...SERVES_TWO.slice(1)];
      assert.deepEqual(idsOf(await claimOf({ store, now: clock.now() }, { serves: both })).toSorted(), [
        'a',
        'b',
      ]);
    },
  },
  {
    name: 'timers of the future are not claimed, and the next one is known',
    async run(open) {
      const { store, clock } = await open();
      assert.equal(await store.nextDueAt(SERVES), undefined);
      for (const [id, delay] of [
        ['a', 300],
        ['b', 100],
        ['c', 200],
      ] as const) {
        await rest(store, await start(store, id), clock.now() + delay);
      }
      await rest(store, await start(store, 'never'), null);
      assert.equal(await store.nextDueAt(SERVES), clock.now() + 100);
      clock.move(150);
      assert.deepEqual(idsOf(await claimOf({ store, now: clock.now() })), ['b']);
      assert.equal(await store.nextDueAt(SERVES), clock.now() + 50);
    },
  },
  {
    name: 'P13 a run whose holder is not named as dead is never taken',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      clock.move(86_400_000);
      assert.deepEqual(await claimOf({ store, now: clock.now() }), []);
      assert.deepEqual(await claimOf({ store, now: clock.now() }, { dead: ['somebody else'] }), []);
      assert.equal((await commitOne(store, factsOf(held, [completed('x')]))).firstSeq, 2);
    },
  },
  {
    name: 'J12 a run that is taken from a dead holder gets a strike, and the dead one writes nothing any more',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      const [claimed] = await claimOf({ store, now: clock.now() }, { dead: [HOLDER] });
      assert.deepEqual([claimed?.strikes, claimed?.row.strikes, claimed?.wasTaken], [1, 1, true]);
      assert.deepEqual([claimed?.row.holder, claimed?.row.epoch], [OTHER, 2]);
      assert.equal((await refusedOne(store, factsOf(held, [completed('x')]))).reason, 'lease_lost');
      await commitOne(store, factsOf(heldOf(claimed), [completed('x')]));
      assert.equal((await rowOf(store, held.run)).strikes, 0);
    },
  },
  {
    name: 'a run that its dead holder had put to sleep gets no strike and keeps its time',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      await commitOne(store, conclusionOf(held, { dueAt: clock.now() + 50 }));
      assert.deepEqual(await claimOf({ store, now: clock.now() }, { dead: [HOLDER] }), []);
      assert.equal(await store.nextDueAt(SERVES), clock.now() + 50);
      const [claimed] = await claimOf({ store, now: clock.now() + 50 });
      assert.equal(claimed?.strikes, 0);
    },
  },
  {
    name: 'a holder that was draining leaves no strikes behind',
    async run(open) {
      const { store, clock } = await open();
      await store.registerWorker({ id: HOLDER, hostname: 'h', pid: 1, startedAt: 1, serves: [] });
      await start(store, 'a');
      await store.beat(HOLDER, true);
      const [claimed] = await claimOf({ store, now: clock.now() }, { dead: [HOLDER] });
      assert.deepEqual([claimed?.strikes, claimed?.wasTaken], [0, true]);
    },
  },
  {
    name: 'J12 from two strikes on a run is taken only in quarantine, one at a time',
    async run(open) {
      const { store, clock } = await open();
      for (const id of ['a', 'b']) await start(store, id);
      await enqueue(store, 'healthy');
      const now = clock.now();
      assert.equal((await claimOf({ store, now }, { holder: 'h2', dead: [HOLDER] })).length, 3);
      assert.deepEqual(idsOf(await claimOf({ store, now }, { holder: 'h3', dead: ['h2'] })), ['healthy']);
      const [first, ...others] = await claimOf({ store, now }, { holder: 'h3', quarantine: true });
      assert.deepEqual(
        [first?.row.run.runId, first?.strikes, first?.wasTaken, others.length],
        ['a', 2, true, 0],
      );
      const [second] = await claimOf({ store, now }, { holder: 'h4', quarantine: true });
      assert.equal(second?.row.run.runId, 'b');
    },
  },
  {
    name: 'overdue runs in quarantine are not announced as due, sleeping ones are',
    async run(open) {
      const { store, clock } = await open();
      await start(store, 'a');
      await claimOf({ store, now: clock.now() }, { holder: 'h2', dead: [HOLDER] });
      const [taken] = await claimOf(
        { store, now: clock.now() },
        { holder: 'h3', dead: ['h2'], quarantine: true },
      );
      await store.releaseAll('h3');
      assert.equal(await store.nextDueAt(SERVES), undefined);
      const [again] = await claimOf({ store, now: clock.now() }, { holder: 'h3', quarantine: true });
      assert.deepEqual([again?.strikes, again?.row.epoch], [2, (taken?.row.epoch ?? 0) + 1]);
      await commitOne(store, conclusionOf(heldOf(again), { dueAt: clock.now() + 50 }));
      await store.releaseAll('h3');
      assert.equal(await store.nextDueAt(SERVES), clock.now() + 50);
    },
  },
  {
    name: 'a run at rest has no strikes',
    async run(open) {
      const { store, clock } = await open();
      await start(store, 'a');
      const [claimed] = await claimOf({ store, now: clock.now() }, { dead: [HOLDER] });
      await rest(store, heldOf(claimed), clock.now());
      assert.equal((await claimOf({ store, now: clock.now() }))[0]?.strikes, 0);
    },
  },
  {
    name: 'a claim never takes more than its limit, and a limit of zero nothing',
    async run(open) {
      const { store, clock } = await open();
      await enqueueMany(store, ['a', 'b', 'c']);
      assert.equal((await claimOf({ store, now: clock.now() }, { limit: 0 })).length, 0);
      assert.equal((await claimOf({ store, now: clock.now() }, { limit: 2 })).length, 2);
      assert.equal((await claimOf({ store, now: clock.now() }, { limit: 2 })).length, 1);
    },
  },
  {
    name: 'a holder claims its own run again after an unknown fate, in a new epoch, and only its own',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      assert.equal(await store.reclaim(held.run, OTHER, held.epoch), undefined);
      assert.equal(await store.reclaim(held.run, HOLDER, held.epoch + 1), undefined);
      const again = await store.reclaim(held.run, HOLDER, held.epoch);
      assert.deepEqual([again?.row.epoch, again?.row.holder, again?.wasTaken], [2, HOLDER, false]);
      await commitOne(store, factsOf(heldOf(again), [runCompleted]));
      assert.equal(await store.reclaim(held.run, HOLDER, 2), undefined);
    },
  },
  {
    name: 'a draining holder gives all its runs back without a strike, due as they were',
    async run(open) {
      const { store, clock } = await open();
      const due = await start(store, 'due');
      const asleep = await start(store, 'asleep');
      await commitOne(store, conclusionOf(asleep, { dueAt: clock.now() + 50 }));
      assert.deepEqual((await store.heldBy(HOLDER)).map((row) => row.run.runId).toSorted(), [
        'asleep',
        'due',
      ]);
      await store.releaseAll(HOLDER);
      assert.deepEqual(await store.heldBy(HOLDER), []);
      const [claimed, ...others] = await claimOf({ store, now: clock.now() });
      assert.deepEqual([claimed?.row.run.runId, claimed?.strikes, others.length], ['due', 0, 0]);
      assert.equal((await refusedOne(store, factsOf(due, [completed('x')]))).reason, 'lease_lost');
    },
  },
  {
    name: 'a signal makes a sleeping run claimable at once',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      await rest(store, held, null);
      assert.deepEqual(await claimOf({ store, now: clock.now() }), []);
      await commitOne(store, externalOf(held.run, [signalled('go')]));
      assert.deepEqual(idsOf(await claimOf({ store, now: clock.now() })), ['a']);
    },
  },
];
