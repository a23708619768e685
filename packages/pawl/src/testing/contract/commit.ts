/** The contract of a commit: the store gives dense seqs, fences hold, a batch is refused whole and alone. */
import assert from 'node:assert/strict';
import {
  after,
  answerOf,
  claimOf,
  commitOne,
  eventsOf,
  externalOf,
  factsOf,
  HOLDER,
  newRun,
  OTHER,
  refOf,
  refusedOne,
  rest,
  rowOf,
  start,
  startOf,
  typesOf,
} from './batches.ts';
import type { ContractTest } from './contract.ts';
import { cancelRequested, completed, runCompleted, signalled, started } from './sample-events.ts';

export const commitContract: readonly ContractTest[] = [
  {
    name: 'the store gives every event the next seq of its run and its own clock',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      clock.move(7);
      const answer = await commitOne(store, factsOf(held, [started('x'), completed('x')]));
      assert.deepEqual([answer.firstSeq, answer.lastSeq, answer.at], [2, 3, clock.now()]);
      const events = await eventsOf(store, held.run);
      assert.deepEqual(
        events.map((event) => [event.seq, event.type, event.at]),
        [
          [1, 'run.created', clock.now() - 7],
          [2, 'step.started', clock.now()],
          [3, 'step.completed', clock.now()],
        ],
      );
    },
  },
  {
    name: 'J1 two writers that race for the next seq both get one',
    async run(open) {
      const { store, openAgain } = await open();
      const other = (await openAgain?.()) ?? store;
      const held = await start(store, 'a');
      const sends = Array.from({ length: 20 }, (_, index) => index);
      await Promise.all(
        sends.flatMap((index) => [
          store.commit([factsOf(held, [completed(`s${index}`)])]),
          other.commit([externalOf(held.run, [signalled('go')])]),
        ]),
      );
      const seqs = (await eventsOf(store, held.run)).map((event) => event.seq);
      assert.deepEqual(
        seqs,
        Array.from({ length: 41 }, (_, index) => index + 1),
      );
    },
  },
  {
    name: 'batches of one run in one group are applied in their order',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const paths = ['s1', 's2', 's3'];
      const answers = await store.commit(paths.map((path) => factsOf(held, [completed(path)])));
      assert.deepEqual(
        answers.map((answer) => answer.type === 'committed' && answer.firstSeq),
        [2, 3, 4],
      );
      const events = await eventsOf(store, held.run);
      assert.deepEqual(
        events.slice(1).map((event) => event.path),
        paths,
      );
    },
  },
  {
    name: 'a group of more runs and events than any statement holds is committed whole',
    async run(open) {
      const { store } = await open();
      const runs = await Promise.all(Array.from({ length: 150 }, (_, index) => start(store, `r${index}`)));
      const answers = await store.commit(runs.map((held) => factsOf(held, [started('x'), completed('x')])));
      assert.equal(
        answers.filter((answer) => answer.type === 'committed' && answer.lastSeq === 3).length,
        150,
      );
      for (const { run } of runs) assert.equal((await eventsOf(store, run)).length, 3);
    },
  },
  {
    name: 'no batches are no answers',
    async run(open) {
      const { store } = await open();
      assert.deepEqual(await store.commit([]), []);
    },
  },
  {
    name: 'a batch for a run that does not exist is refused',
    async run(open) {
      const { store } = await open();
      assert.equal(
        (await refusedOne(store, externalOf(refOf('none'), [signalled('x')]))).reason,
        'not_found',
      );
      const held = { run: refOf('none'), holder: HOLDER, epoch: 1, seq: 1 };
      assert.equal((await refusedOne(store, factsOf(held, [completed('x')]))).reason, 'not_found');
    },
  },
  {
    name: 'a run is found by tenant and id, and a number that belongs to another run is not believed',
    async run(open) {
      const { store } = await open();
      const a = await start(store, 'a');
      const b = await start(store, 'b');
      const mixed = { ...a, run: { ...a.run, num: b.run.num } };
      assert.equal((await refusedOne(store, factsOf(mixed, [completed('x')]))).reason, 'not_found');
      const foreign = externalOf(refOf('a', 'elsewhere'), [signalled('x')]);
      assert.equal((await refusedOne(store, foreign)).reason, 'not_found');
      assert.equal(
        (await commitOne(store, factsOf({ ...a, run: refOf('a') }, [completed('x')]))).firstSeq,
        2,
      );
    },
  },
  {
    name: 'J13 a holder that was fenced out by a later claim writes nothing any more',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      await rest(store, held, clock.now());
      await claimOf({ store, now: clock.now() });
      const late = await refusedOne(store, factsOf(held, [completed('x')]));
      assert.equal(late.reason, 'lease_lost');
      assert.deepEqual(await typesOf(store, held.run), ['run.created', 'run.waiting']);
    },
  },
  {
    name: 'J14 an earlier epoch of the same holder writes nothing any more',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const again = await store.reclaim(held.run, HOLDER, held.epoch);
      assert.equal(again?.row.epoch, held.epoch + 1);
      assert.equal((await refusedOne(store, factsOf(held, [completed('x')]))).reason, 'lease_lost');
      assert.equal((await commitOne(store, factsOf({ ...held, epoch: 2 }, [completed('x')]))).firstSeq, 2);
    },
  },
  {
    name: 'P1 a stranger with the right epoch is refused',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const stranger = await refusedOne(store, factsOf({ ...held, holder: OTHER }, [completed('x')]));
      assert.equal(stranger.reason, 'lease_lost');
    },
  },
  {
    name: 'a holder that has read further than the log reaches is told that history was set back',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const ahead = await refusedOne(store, factsOf({ ...held, seq: 5 }, [completed('x')]));
      assert.equal(ahead.reason, 'lease_lost');
      assert.match(ahead.detail, /history was set back/);
    },
  },
  {
    name: 'J17 nothing is accepted behind the end of a run, from nobody',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      await commitOne(store, factsOf(held, [runCompleted]));
      const late = [
        factsOf(held, [completed('x')]),
        factsOf(held, [runCompleted]),
        externalOf(held.run, [signalled('x')]),
        externalOf(held.run, [cancelRequested], { wakes: 'always' }),
      ];
      for (const batch of late) assert.equal((await refusedOne(store, batch)).reason, 'run_terminal');
      const row = await rowOf(store, held.run);
      assert.deepEqual([row.status, row.lastSeq, row.holder, row.dueAt], ['completed', 2, null, null]);
    },
  },
  {
    name: 'J17 nothing is accepted behind the end of a run in the same transaction either',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const inOne = await refusedOne(store, factsOf(held, [completed('x'), runCompleted, completed('y')]));
      assert.equal(inOne.reason, 'run_terminal');
      const conclusion = { seenSeq: 1, events: [completed('y')] };
      assert.equal(
        (await refusedOne(store, factsOf(held, [runCompleted], { conclusion }))).reason,
        'run_terminal',
      );
      assert.deepEqual(await typesOf(store, held.run), ['run.created']);
      const [end, late] = await store.commit([
        factsOf(held, [runCompleted]),
        externalOf(held.run, [signalled('x')]),
      ]);
      assert.equal(end?.type, 'committed');
      assert.equal(late?.type === 'refused' && late.reason, 'run_terminal');
    },
  },
  {
    name: 'a refused batch leaves no trace and does not harm its neighbors',
    async run(open) {
      const { store } = await open();
      const a = await start(store, 'a');
      const b = await start(store, 'b');
      const answers = await store.commit([
        factsOf(a, [completed('x')]),
        factsOf({ ...b, epoch: 9 }, [completed('x')], {
          creates: [newRun('c')],
          arrivals: [{ run: a.run, events: [signalled('s')] }],
        }),
        factsOf(b, [completed('y')]),
      ]);
      assert.deepEqual(
        answers.map((answer) => answer.type),
        ['committed', 'refused', 'committed'],
      );
      assert.equal(await store.getRun('default', 'c'), undefined);
      assert.deepEqual(await typesOf(store, a.run), ['run.created', 'step.completed']);
      assert.deepEqual((await eventsOf(store, b.run)).at(-1)?.path, 'y');
    },
  },
  {
    name: 'P8 a payload over the limit fails alone and by name',
    async run(open) {
      const { store } = await open({ payloadBytes: 1_000 });
      const a = await start(store, 'a');
      const b = await start(store, 'b');
      const answers = await store.commit([
        factsOf(a, [completed('good', JSON.stringify('x'.repeat(900)))]),
        factsOf(b, [completed('bad', JSON.stringify('ü'.repeat(600)))]),
        factsOf(b, [completed('fine')]),
      ]);
      assert.deepEqual(
        answers.map((answer) => answer.type),
        ['committed', 'refused', 'committed'],
      );
      const refused = answers[1];
      assert.ok(refused?.type === 'refused' && refused.reason === 'refused');
      assert.match(refused.detail, /"bad".*1202 bytes.*limit is 1000/);
    },
  },
  {
    name: 'text that no store can keep unchanged is refused alone',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const bad = [completed('lone \ud800'), completed('nul \u0000'), completed('x', '"\udc00"')];
      for (const event of bad) {
        const [refused, fine] = await store.commit([factsOf(held, [event]), factsOf(held, [])]);
        assert.equal(refused?.type === 'refused' && refused.reason, 'refused');
        assert.equal(fine?.type, 'committed');
      }
      assert.deepEqual(await typesOf(store, held.run), ['run.created']);
    },
  },
  {
    name: 'J26 usage is summed in the commit that reports it',
    async run(open) {
      const { store } = await open();
      let held = await start(store, 'a');
      const usage = { inputTokens: 10, outputTokens: 2, costNanoUsd: 500 };
      const event = {
        type: 'step.completed',
        path: 'x',
        data: { endedAt: 1, durationMs: 1, usage },
        payload: '1',
      } as const;
      held = after(held, await commitOne(store, factsOf(held, [event])));
      await commitOne(store, factsOf(held, [event], { ledger: [{ path: 'x', attempt: 1, usage }] }));
      assert.deepEqual((await rowOf(store, held.run)).usage, {
        inputTokens: 20,
        outputTokens: 4,
        costNanoUsd: 1_000,
      });
    },
  },
  {
    name: 'a batch without events changes nothing and is answered',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const answer = await commitOne(store, factsOf(held, []));
      assert.deepEqual([answer.firstSeq, answer.lastSeq, answer.status], [2, 1, 'queued']);
      const resent = await answerOf(store, startOf(newRun('a')));
      assert.equal(resent.type === 'refused' && resent.detail, 'run_id_taken');
    },
  },
];
