/** The contract of conclusions: they apply only where nothing arrived that the driver has not seen; facts stand anyway. */
import assert from 'node:assert/strict';
import {
  after,
  answerOf,
  childOf,
  claimOf,
  commitOne,
  conclusionOf,
  eventsOf,
  externalOf,
  factsOf,
  type Held,
  newRun,
  rest,
  rowOf,
  start,
  typesOf,
} from './batches.ts';
import type { ContractTest } from './contract.ts';
import { completed, parked, retried, runCompleted, runStarted, signalled } from './sample-events.ts';

export const conclusionContract: readonly ContractTest[] = [
  {
    name: 'P10 a run does not go idle over an arrival that its driver has not seen',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      await commitOne(store, externalOf(held.run, [signalled('go')]));
      const idle = { events: [{ type: 'run.waiting', data: {} } as const], dueAt: null, release: true };
      const answer = await answerOf(store, conclusionOf(held, idle));
      assert.deepEqual(
        answer,
        { type: 'behind', firstSeq: 3, lastSeq: 2, seq: 2, at: clock.now(), created: [], touched: [] },
        JSON.stringify(answer),
      );
      const row = await rowOf(store, held.run);
      assert.deepEqual([row.holder, row.dueAt, row.lastSeq], [held.holder, clock.now(), 2]);
    },
  },
  {
    name: 'P10 a run does not end over an arrival that its driver has not seen, and its facts stand',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      await commitOne(store, externalOf(held.run, [signalled('go')]));
      const end = { seenSeq: 1, events: [runCompleted] };
      const answer = await answerOf(store, factsOf(held, [completed('x')], { conclusion: end }));
      assert.ok(answer.type === 'behind');
      assert.deepEqual([answer.firstSeq, answer.lastSeq, answer.seq], [3, 3, 2]);
      assert.deepEqual(await typesOf(store, held.run), ['run.created', 'signal.received', 'step.completed']);
      assert.equal((await rowOf(store, held.run)).status, 'running');
    },
  },
  {
    name: 'P10 an arrival in the same group, just before, is seen too',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const answers = await store.commit([
        externalOf(held.run, [signalled('go')]),
        conclusionOf(held, { events: [runCompleted] }),
      ]);
      assert.deepEqual(
        answers.map((answer) => answer.type),
        ['committed', 'behind'],
      );
    },
  },
  {
    name: 'a conclusion that has seen all arrivals applies, in one commit with its facts',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      await commitOne(store, externalOf(held.run, [signalled('go')]));
      const end = { seenSeq: 2, events: [runCompleted] };
      const answer = await commitOne(
        store,
        factsOf({ ...held, seq: 2 }, [completed('x')], { conclusion: end }),
      );
      assert.deepEqual([answer.firstSeq, answer.lastSeq, answer.status], [3, 4, 'completed']);
    },
  },
  {
    name: 'the facts of a holder never make its own conclusion late',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      await commitOne(store, factsOf(held, [completed('x')]));
      const answer = await commitOne(store, conclusionOf({ ...held, seq: 1 }, { events: [runCompleted] }));
      assert.equal(answer.status, 'completed');
    },
  },
  {
    name: 'a conclusion that is behind creates no runs and sends nothing to others',
    async run(open) {
      const { store } = await open();
      const parent = await start(store, 'parent');
      const held = await start(store, 'a', childOf('parent'));
      await commitOne(store, externalOf(held.run, [signalled('go')]));
      const answer = await answerOf(
        store,
        factsOf(held, [completed('x')], {
          creates: [newRun('fact')],
          conclusion: {
            seenSeq: 1,
            events: [runCompleted],
            creates: [newRun('late')],
            arrivals: [{ run: parent.run, events: [signalled('ended')] }],
          },
        }),
      );
      assert.ok(answer.type === 'behind');
      assert.deepEqual(
        answer.created.map((one) => one.run.runId),
        ['fact'],
      );
      assert.equal(await store.getRun('default', 'late'), undefined);
      assert.deepEqual(await typesOf(store, parent.run), ['run.created']);
    },
  },
  {
    name: 'J5 a due time is durable: the run is claimable from then on and not before',
    async run(open) {
      const { store, clock, openAgain } = await open();
      let held = await start(store, 'a');
      const dueAt = clock.now() + 2_000;
      held = after(held, await commitOne(store, factsOf(held, [retried('x', dueAt)])));
      await rest(store, held, dueAt);
      const other = (await openAgain?.()) ?? store;
      assert.equal((await rowOf(other, held.run)).dueAt, dueAt);
      assert.deepEqual(await claimOf({ store: other, now: dueAt - 1 }), []);
      assert.equal((await claimOf({ store: other, now: dueAt })).length, 1);
    },
  },
  {
    name: 'J11 a run that parks is settled in that commit: no holder, no due time, a reason',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      const end = { events: [parked()], dueAt: null, release: true };
      assert.equal((await commitOne(store, conclusionOf(held, end))).status, 'parked');
      const row = await rowOf(store, held.run);
      assert.deepEqual(
        [row.status, row.parkReason, row.holder, row.dueAt],
        ['parked', 'diverged', null, null],
      );
      assert.deepEqual(await claimOf({ store, now: clock.now() + 1e9 }), []);
      const resumed = { type: 'run.resumed', data: { verb: 'resume' }, actor: 'ada' } as const;
      await commitOne(store, externalOf(held.run, [resumed], { wakes: 'always' }));
      const after = await rowOf(store, held.run);
      assert.deepEqual([after.status, after.parkReason, after.dueAt], ['queued', undefined, clock.now()]);
    },
  },
  {
    name: 'a due time that is left out stays as it was',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      await commitOne(store, conclusionOf(held, { dueAt: clock.now() + 500 }));
      clock.move(10);
      await commitOne(store, conclusionOf(held, { release: true }));
      assert.equal((await rowOf(store, held.run)).dueAt, clock.now() + 490);
    },
  },
  {
    name: 'J20 the status of a run is what its events make of it, at every commit',
    async run(open) {
      const { store, clock } = await open();
      let held: Held = await start(store, 'a');
      assert.equal((await rowOf(store, held.run)).status, 'queued');
      held = after(held, await commitOne(store, factsOf(held, [runStarted])));
      assert.equal((await rowOf(store, held.run)).status, 'running');
      clock.move(5);
      await rest(store, held, null);
      const row = await rowOf(store, held.run);
      assert.deepEqual([row.status, row.updatedAt, row.createdAt], ['waiting', clock.now(), clock.now() - 5]);
      assert.equal((await eventsOf(store, held.run)).length, row.lastSeq);
    },
  },
];
