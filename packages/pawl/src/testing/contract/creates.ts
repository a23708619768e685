/** The contract of creations: a run exists whole or not at all, once a key, owned or due from its first moment. */
import assert from 'node:assert/strict';
import { EVENT_FORMAT } from '../../run/index.ts';
import {
  answerOf,
  claimOf,
  childOf,
  commitOne,
  conclusionOf,
  enqueue,
  eventsOf,
  factsOf,
  heldOf,
  HOLDER,
  newRun,
  OTHER,
  refOf,
  refusedOne,
  rowOf,
  start,
  startOf,
  typesOf,
} from './batches.ts';
import type { ContractTest } from './contract.ts';
import { completed, opened, runCompleted, runStarted, signalled } from './sample-events.ts';

export const creationContract: readonly ContractTest[] = [
  {
    name: 'a start creates a run that its holder owns in epoch 1',
    async run(open) {
      const { store, clock } = await open();
      const labels = { team: 'ops' };
      const answer = await commitOne(store, startOf(newRun('a', { labels, priority: 3, deadlineAt: 9_000 })));
      assert.deepEqual(
        [answer.firstSeq, answer.lastSeq, answer.status, answer.touched],
        [1, 1, 'queued', []],
      );
      const row = await rowOf(store, refOf('a'));
      const { run, usage: _usage, ...rest } = row;
      assert.deepEqual([run.tenant, run.runId, answer.created[0]?.run.num], ['default', 'a', run.num]);
      assert.deepEqual(rest, {
        workflow: 'ship',
        version: '1',
        status: 'queued',
        parkReason: undefined,
        priority: 3,
        labels,
        createdAt: clock.now(),
        updatedAt: clock.now(),
        dueAt: clock.now(),
        deadlineAt: 9_000,
        holder: 'holder-1',
        epoch: 1,
        strikes: 0,
        lastSeq: 1,
        arrivedSeq: 0,
        rootRunId: 'a',
        parentRunId: undefined,
        parentPath: undefined,
        depth: 0,
        format: EVENT_FORMAT,
      });
    },
  },
  {
    name: 'J21 a run that nobody holds is queued and due at once, and claimed in epoch 1',
    async run(open) {
      const { store, clock } = await open();
      await enqueue(store, 'a');
      const row = await rowOf(store, refOf('a'));
      assert.deepEqual([row.holder, row.epoch, row.dueAt, row.status], [null, 0, clock.now(), 'queued']);
      const [claimed] = await claimOf({ store, now: clock.now() });
      assert.equal(claimed?.row.epoch, 1);
      assert.equal((await commitOne(store, factsOf(heldOf(claimed), [runStarted]))).status, 'running');
    },
  },
  {
    name: 'a run may start, work and end in its first commit',
    async run(open) {
      const { store } = await open();
      const events = [...newRun('a').events, runStarted, opened('signal', 's'), completed('x'), runCompleted];
      const answer = await commitOne(store, startOf(newRun('a', { events })));
      assert.deepEqual([answer.lastSeq, answer.status], [5, 'completed']);
      const row = await rowOf(store, refOf('a'));
      assert.deepEqual([row.holder, row.dueAt, row.lastSeq], [null, null, 5]);
      assert.deepEqual(await store.listWaits({ tenant: 'default', limit: 10 }), []);
    },
  },
  {
    name: 'a run id is taken once a tenant',
    async run(open) {
      const { store } = await open();
      await start(store, 'a');
      const again = await refusedOne(store, startOf(newRun('a')));
      assert.deepEqual([again.reason, again.detail], ['conflict', 'run_id_taken']);
      const twice = { creates: [newRun('b'), newRun('b')] };
      assert.equal((await refusedOne(store, { ...startOf(newRun('b')), ...twice })).detail, 'run_id_taken');
      const [first, second] = await store.commit([startOf(newRun('c')), startOf(newRun('c'))]);
      assert.deepEqual([first?.type, second?.type], ['committed', 'refused']);
    },
  },
  {
    name: 'J10 two tenants use the same run id, the same key and see nothing of each other',
    async run(open) {
      const { store } = await open();
      const runs = await Promise.all(
        ['red', 'blue'].map((tenant) => start(store, 'a', { tenant, idempotencyKey: 'k' })),
      );
      for (const held of runs) {
        await commitOne(store, factsOf(held, [completed(held.run.tenant)]));
        const events = await eventsOf(store, refOf('a', held.run.tenant));
        assert.equal(events.at(-1)?.path, held.run.tenant);
        assert.equal((await store.listRuns({ tenant: held.run.tenant, limit: 10 })).length, 1);
      }
      assert.equal(await store.getRun('green', 'a'), undefined);
      assert.deepEqual(await store.listRuns({ tenant: 'green', limit: 10 }), []);
    },
  },
  {
    name: 'an idempotency key gives the first run again, with the digest of its input',
    async run(open) {
      const { store } = await open();
      const first = await commitOne(store, startOf(newRun('a', { idempotencyKey: 'k', inputDigest: 'd-1' })));
      const again = await commitOne(store, startOf(newRun('b', { idempotencyKey: 'k', inputDigest: 'd-2' })));
      assert.deepEqual(again.created, [
        { run: first.created[0]?.run, epoch: 1, lastSeq: 1, isNew: false, inputDigest: 'd-1' },
      ]);
      assert.equal(await store.getRun('default', 'b'), undefined);
      const same = await commitOne(store, startOf(newRun('a', { idempotencyKey: 'k' })));
      assert.equal(same.created[0]?.isNew, false);
      const other = await commitOne(store, startOf(newRun('c', { idempotencyKey: 'k', workflow: 'other' })));
      assert.equal(other.created[0]?.isNew, true);
      await commitOne(store, factsOf({ run: refOf('a'), holder: HOLDER, epoch: 1, seq: 1 }, [runCompleted]));
      const ended = await commitOne(store, startOf(newRun('a', { idempotencyKey: 'k' })));
      assert.deepEqual([ended.created[0]?.isNew, ended.status], [false, 'completed']);
    },
  },
  {
    name: 'two starts with one key in one group make one run',
    async run(open) {
      const { store } = await open();
      const answers = await store.commit(
        ['a', 'b'].map((id) => startOf(newRun(id, { idempotencyKey: 'k' }))),
      );
      const created = answers.map((answer) => answer.type === 'committed' && answer.created[0]);
      assert.deepEqual(
        created.map((one) => one && [one.run.runId, one.isNew]),
        [
          ['a', true],
          ['a', false],
        ],
      );
    },
  },
  {
    name: 'a start that is sent again with its dedupe id gets its first answer',
    async run(open) {
      const { store } = await open();
      const batch = startOf(newRun('a'), { dedupeId: 'send-1' });
      const first = await answerOf(store, batch);
      assert.deepEqual(await answerOf(store, batch), first);
      assert.deepEqual(await typesOf(store, refOf('a')), ['run.created']);
    },
  },
  {
    name: 'I7 a child is created owned, in the commit of its parent, before anybody could claim it',
    async run(open) {
      const { store, clock } = await open();
      const parent = await start(store, 'parent');
      const childStarted = {
        type: 'child.started',
        path: 'c',
        data: { childRunId: 'child', workflow: 'ship', version: '1' },
      } as const;
      const child = newRun('child', {
        parentRunId: 'parent',
        parentPath: 'c',
        rootRunId: 'parent',
        depth: 1,
      });
      const answer = await commitOne(store, factsOf(parent, [childStarted], { creates: [child] }));
      assert.deepEqual(
        answer.created.map((one) => [one.run.runId, one.epoch, one.lastSeq, one.isNew]),
        [['child', 1, 1, true]],
      );
      assert.deepEqual(await claimOf({ store, now: clock.now() }), []);
      const row = await rowOf(store, refOf('child'));
      assert.deepEqual(
        [row.parentRunId, row.parentPath, row.rootRunId, row.depth],
        ['parent', 'c', 'parent', 1],
      );
      const children = await store.listRuns({ tenant: 'default', parentRunId: 'parent', limit: 10 });
      assert.deepEqual(
        children.map((one) => one.run.runId),
        ['child'],
      );
    },
  },
  {
    name: 'J3 a child whose id is taken refuses the whole commit of its parent',
    async run(open) {
      const { store } = await open();
      const parent = await start(store, 'parent');
      await start(store, 'child', childOf('parent'));
      const batch = factsOf(parent, [completed('x')], { creates: [newRun('fine'), newRun('child')] });
      assert.equal((await refusedOne(store, batch)).detail, 'run_id_taken');
      assert.equal(await store.getRun('default', 'fine'), undefined);
      assert.deepEqual(await typesOf(store, parent.run), ['run.created']);
    },
  },
  {
    name: 'a run that continues ends and its successor exists in one commit',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const end = { type: 'run.completed', data: { continuedTo: 'b' } } as const;
      const next = newRun('b', { holder: OTHER, events: [...newRun('b').events, signalled('kept')] });
      await commitOne(store, conclusionOf(held, { events: [end], creates: [next] }));
      assert.equal((await rowOf(store, held.run)).status, 'completed');
      const row = await rowOf(store, refOf('b'));
      assert.deepEqual([row.holder, row.epoch, row.lastSeq], [OTHER, 1, 2]);
    },
  },
  {
    name: 'a new run without its run.created is refused',
    async run(open) {
      const { store } = await open();
      assert.equal(
        (await refusedOne(store, startOf(newRun('a', { events: [completed('x')] })))).reason,
        'refused',
      );
      assert.equal((await refusedOne(store, startOf(newRun('a', { events: [] })))).reason, 'refused');
      assert.equal(await store.getRun('default', 'a'), undefined);
    },
  },
];
