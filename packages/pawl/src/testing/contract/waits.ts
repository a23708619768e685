/** The contract of open waits: rows that follow the log, for lists and for the check of arrivals. */
import assert from 'node:assert/strict';
import type { NewEvent } from '../../run/index.ts';
import type { Store, WaitRow } from '../../store/index.ts';
import { after, commitOne, externalOf, factsOf, type Held, start } from './batches.ts';
import type { ContractTest } from './contract.ts';
import { asked, opened, resolved, runCompleted, signalled } from './sample-events.ts';

async function write(store: Store, held: Held, events: readonly NewEvent[]): Promise<Held> {
  return after(held, await commitOne(store, factsOf(held, events)));
}

async function pathsOf(
  store: Store,
  more: { kinds?: WaitRow['kind'][]; runId?: string } = {},
): Promise<string[]> {
  return (await store.listWaits({ tenant: 'default', limit: 100, ...more })).map((wait) => wait.path);
}

export const waitContract: readonly ContractTest[] = [
  {
    name: 'an open wait is listed with all that a person needs, until it is closed',
    async run(open) {
      const { store, clock } = await open();
      let held = await start(store, 'a');
      held = await write(store, held, [asked('gate', 'Deploy?'), opened('sleep', 'nap', { dueAt: 99 })]);
      const [gate, nap] = await store.listWaits({ tenant: 'default', runId: 'a', limit: 10 });
      assert.deepEqual(gate, {
        run: held.run,
        workflow: 'ship',
        path: 'gate',
        kind: 'approval',
        name: 'gate',
        message: 'Deploy?',
        openedSeq: 2,
        openedAt: clock.now(),
        dueAt: undefined,
      });
      assert.deepEqual([nap?.kind, nap?.dueAt, nap?.message], ['sleep', 99, undefined]);
      await write(store, held, [resolved('gate')]);
      assert.deepEqual(await pathsOf(store), ['nap']);
    },
  },
  {
    name: 'an expired and a cancelled wait are open no more',
    async run(open) {
      const { store } = await open();
      let held = await start(store, 'a');
      held = await write(store, held, [opened('input', 'x'), opened('input', 'y'), opened('input', 'z')]);
      await write(store, held, [
        { type: 'wait.expired', path: 'x', data: { endedAt: 1 } },
        { type: 'wait.cancelled', path: 'y', data: { reason: 'lost the race', after: 1 } },
      ]);
      assert.deepEqual(await pathsOf(store), ['z']);
    },
  },
  {
    name: 'a signal closes the oldest open wait of its name',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      await write(store, held, [
        opened('signal', 'z-first', { name: 'go' }),
        opened('signal', 'a-second', { name: 'go' }),
        opened('signal', 'other'),
      ]);
      await commitOne(store, externalOf(held.run, [signalled('go')]));
      assert.deepEqual((await pathsOf(store)).toSorted(), ['a-second', 'other']);
    },
  },
  {
    name: 'P4 a signal that came before anybody waited is kept: the wait that takes it is never listed as open',
    async run(open) {
      const { store } = await open();
      let held = await start(store, 'a');
      const answer = await commitOne(store, externalOf(held.run, [signalled('go'), signalled('go')]));
      held = { ...held, seq: answer.lastSeq };
      for (const path of ['w1', 'w2', 'w3'])
        held = await write(store, held, [opened('signal', path, { name: 'go' })]);
      assert.deepEqual(await pathsOf(store), ['w3']);
    },
  },
  {
    name: 'a run that ended waits for nothing',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      await write(store, held, [asked('gate', 'Deploy?'), opened('signal', 's'), runCompleted]);
      assert.deepEqual(await pathsOf(store), []);
    },
  },
  {
    name: 'waits are listed oldest first, by tenant, by run, by kind, and no more than asked for',
    async run(open) {
      const { store, clock } = await open();
      for (const id of ['b', 'a', 'c']) {
        await write(store, await start(store, id), [
          asked(`gate-${id}`, 'ok?'),
          opened('sleep', `nap-${id}`),
        ]);
        clock.move(1);
      }
      const red = await start(store, 'r', { tenant: 'red' });
      await write(store, red, [asked('gate-red', 'ok?')]);
      assert.deepEqual(await pathsOf(store, { kinds: ['approval'] }), ['gate-b', 'gate-a', 'gate-c']);
      assert.deepEqual(await pathsOf(store, { runId: 'a' }), ['gate-a', 'nap-a']);
      assert.deepEqual(await pathsOf(store, { runId: 'a', kinds: ['sleep'] }), ['nap-a']);
      assert.deepEqual(await pathsOf(store, { runId: 'none' }), []);
      const two = await store.listWaits({ tenant: 'default', limit: 2 });
      assert.deepEqual(
        two.map((wait) => wait.run.runId),
        ['b', 'b'],
      );
      assert.equal((await store.listWaits({ tenant: 'red', limit: 10 })).length, 1);
    },
  },
];
