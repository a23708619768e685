/** The contract of arrivals: recorded before anybody acts on them, taken once, refused where what they answer is closed. */
import assert from 'node:assert/strict';
import {
  answerOf,
  childOf,
  commitOne,
  conclusionOf,
  eventsOf,
  externalOf,
  factsOf,
  newRun,
  refOf,
  refusedOne,
  rest,
  rowOf,
  start,
  typesOf,
} from './batches.ts';
import type { ContractTest } from './contract.ts';
import {
  asked,
  cancelRequested,
  completed,
  opened,
  parked,
  resolved,
  runCompleted,
  signalled,
} from './sample-events.ts';

export const arrivalContract: readonly ContractTest[] = [
  {
    name: 'an arrival makes a waiting run due at once',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      await rest(store, held, clock.now() + 60_000);
      clock.move(5);
      await commitOne(store, externalOf(held.run, [signalled('go')]));
      const row = await rowOf(store, held.run);
      assert.deepEqual([row.dueAt, row.arrivedSeq, row.status], [clock.now(), 3, 'waiting']);
    },
  },
  {
    name: 'an arrival does not make a due run younger',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      await rest(store, held, clock.now());
      clock.move(5);
      await commitOne(store, externalOf(held.run, [signalled('go')]));
      assert.equal((await rowOf(store, held.run)).dueAt, clock.now() - 5);
    },
  },
  {
    name: 'an arrival does not wake a parked run, a cancel does',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      await commitOne(store, conclusionOf(held, { events: [parked()], dueAt: null, release: true }));
      await commitOne(store, externalOf(held.run, [signalled('go')]));
      assert.equal((await rowOf(store, held.run)).dueAt, null);
      await commitOne(store, externalOf(held.run, [cancelRequested], { wakes: 'always' }));
      assert.equal((await rowOf(store, held.run)).dueAt, clock.now());
    },
  },
  {
    name: 'J19 a cancel reaches a run whoever holds it, and its holder keeps writing',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      await commitOne(store, externalOf(held.run, [cancelRequested], { wakes: 'always' }));
      await commitOne(store, factsOf(held, [completed('x')]));
      assert.deepEqual(await typesOf(store, held.run), [
        'run.created',
        'run.cancel_requested',
        'step.completed',
      ]);
    },
  },
  {
    name: 'a resend gets the answer of the first send and writes nothing',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      const batch = externalOf(held.run, [signalled('go')], { dedupeId: 'send-1' });
      const first = await answerOf(store, batch);
      clock.move(1_000);
      assert.deepEqual(await answerOf(store, batch), first);
      await commitOne(store, factsOf(held, [runCompleted]));
      assert.deepEqual(await answerOf(store, batch), first);
      const [again, other] = await store.commit([batch, { ...batch, dedupeId: 'send-2' }]);
      assert.deepEqual(again, first);
      assert.equal(other?.type, 'refused');
      assert.deepEqual(await typesOf(store, held.run), ['run.created', 'signal.received', 'run.completed']);
    },
  },
  {
    name: 'the same dedupe id on another run is another send',
    async run(open) {
      const { store } = await open();
      for (const id of ['a', 'b']) {
        const { run } = await start(store, id);
        const answer = await commitOne(store, externalOf(run, [signalled('go')], { dedupeId: 'send-1' }));
        assert.equal(answer.firstSeq, 2);
      }
    },
  },
  {
    name: 'a refusal is not remembered: the same send may succeed later',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const batch = externalOf(held.run, [resolved('gate')], {
        dedupeId: 'send-1',
        requires: { openWait: 'gate' },
      });
      assert.equal((await refusedOne(store, batch)).reason, 'conflict');
      await commitOne(store, factsOf(held, [asked('gate', 'go on?')]));
      assert.equal((await commitOne(store, batch)).firstSeq, 3);
    },
  },
  {
    name: 'P4 of two decisions the first one counts, the second one is a conflict',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      await commitOne(store, factsOf(held, [asked('gate', 'go on?')]));
      const decide = externalOf(held.run, [resolved('gate')], { requires: { openWait: 'gate' } });
      const answers = await store.commit([decide, decide]);
      assert.equal(answers[0]?.type, 'committed');
      const second = answers[1];
      assert.ok(second?.type === 'refused' && second.reason === 'conflict' && second.isLate === undefined);
      assert.equal(
        (await eventsOf(store, held.run)).filter((event) => event.type === 'wait.resolved').length,
        1,
      );
    },
  },
  {
    name: 'H15 a decision past the deadline is late even where nobody has written the expiry',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      const dueAt = clock.now() + 100;
      await commitOne(store, factsOf(held, [opened('input', 'name', { dueAt })]));
      const answer = externalOf(held.run, [resolved('name')], { requires: { openWait: 'name' } });
      clock.move(100);
      const late = await refusedOne(store, answer);
      assert.deepEqual([late.reason, late.isLate], ['conflict', true]);
      clock.move(-1);
      assert.equal((await commitOne(store, answer)).firstSeq, 3);
    },
  },
  {
    name: 'a required status and an untouched log are checked',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const cancelled = { type: 'run.cancelled', data: {} } as const;
      const whileHeld = externalOf(held.run, [cancelRequested, cancelled], { requires: { unheldAt: 1 } });
      assert.equal((await refusedOne(store, whileHeld)).reason, 'conflict');
      const atOnce = externalOf(held.run, [cancelRequested, cancelled], { requires: { unheldAt: 2 } });
      assert.equal((await refusedOne(store, atOnce)).reason, 'conflict');
      await rest(store, held, null);
      const paused = externalOf(held.run, [cancelled], { requires: { status: ['paused'] } });
      const refused = await refusedOne(store, paused);
      assert.deepEqual([refused.reason, /waiting/.test(refused.detail)], ['conflict', true]);
      const stale = externalOf(held.run, [cancelled], { requires: { unheldAt: 1 } });
      assert.equal((await refusedOne(store, stale)).reason, 'conflict');
      assert.equal((await commitOne(store, atOnce)).status, 'cancelled');
    },
  },
  {
    name: 'the end of a child and its arrival at the parent are one commit',
    async run(open) {
      const { store, clock } = await open();
      const parent = await start(store, 'parent');
      const child = await start(store, 'child', {
        parentRunId: 'parent',
        parentPath: 'c',
        rootRunId: 'parent',
        depth: 1,
      });
      await rest(store, parent, null);
      const ended = {
        type: 'child.ended',
        path: 'c',
        data: { childRunId: 'child', status: 'completed', durationMs: 1 },
        payload: '1',
      } as const;
      const answer = await commitOne(
        store,
        conclusionOf(child, {
          events: [runCompleted],
          arrivals: [{ run: refOf('parent'), events: [ended] }],
        }),
      );
      assert.deepEqual(answer.touched, [{ ...parent.run }]);
      const row = await rowOf(store, parent.run);
      assert.deepEqual([row.lastSeq, row.arrivedSeq, row.dueAt], [3, 3, clock.now()]);
    },
  },
  {
    name: 'an arrival that does not fit is left out alone, and its batch stands',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const over = await start(store, 'over', childOf('a'));
      const open1 = await start(store, 'open', childOf('a'));
      await commitOne(store, factsOf(over, [runCompleted]));
      const answer = await commitOne(
        store,
        factsOf(held, [completed('x')], {
          arrivals: [
            { run: over.run, events: [signalled('s')] },
            { run: refOf('none'), events: [signalled('s')] },
            { run: open1.run, events: [resolved('gate')], requires: { openWait: 'gate' } },
            { run: open1.run, events: [signalled('s')], dedupeId: 'one' },
            { run: open1.run, events: [signalled('s')], dedupeId: 'one' },
          ],
        }),
      );
      assert.deepEqual(answer.touched, [open1.run]);
      assert.deepEqual(await typesOf(store, open1.run), ['run.created', 'signal.received']);
      assert.deepEqual(await typesOf(store, over.run), ['run.created', 'run.completed']);
    },
  },
  {
    name: 'a cancel that is handed down makes a parked child due',
    async run(open) {
      const { store, clock } = await open();
      const parent = await start(store, 'parent');
      const child = await start(store, 'child', childOf('parent'));
      await commitOne(store, conclusionOf(child, { events: [parked()], dueAt: null, release: true }));
      await commitOne(
        store,
        factsOf(parent, [], { arrivals: [{ run: child.run, events: [cancelRequested] }] }),
      );
      assert.equal((await rowOf(store, child.run)).dueAt, clock.now());
    },
  },
  {
    name: 'J3 a batch that is refused sends nothing and creates nothing',
    async run(open) {
      const { store } = await open({ payloadBytes: 1_000 });
      const held = await start(store, 'a');
      const other = await start(store, 'b', childOf('a'));
      const large = completed('x', JSON.stringify('x'.repeat(2_000)));
      const batches = [
        factsOf(held, [completed('y')], {
          creates: [newRun('c')],
          arrivals: [{ run: other.run, events: [large] }],
        }),
        factsOf(held, [completed('y')], {
          creates: [newRun('b')],
          arrivals: [{ run: other.run, events: [signalled('s')] }],
        }),
      ];
      for (const batch of batches) await refusedOne(store, batch);
      assert.equal(await store.getRun('default', 'c'), undefined);
      assert.deepEqual(await typesOf(store, other.run), ['run.created']);
      assert.deepEqual(await typesOf(store, held.run), ['run.created']);
    },
  },
];
