/** The contract of reading: what was written comes back unchanged, page by page, and lists find what they are asked for. */
import assert from 'node:assert/strict';
import type { NewEvent, RunStatus } from '../../run/index.ts';
import type { RunFilter, Store } from '../../store/index.ts';
import { childOf, commitOne, conclusionOf, eventsOf, factsOf, refOf, rest, start } from './batches.ts';
import type { ContractTest, MovedClock } from './contract.ts';
import { completed, parked, runCompleted, runStarted } from './sample-events.ts';

async function listed(store: Store, filter: Partial<RunFilter>): Promise<string[]> {
  const rows = await store.listRuns({ tenant: 'default', limit: 100, ...filter });
  return rows.map((row) => row.run.runId);
}

/** One run in each status that a list can ask for. */
async function oneOfEach(store: Store, clock: MovedClock): Promise<void> {
  const cancelled = { type: 'run.cancelled', data: {} } as const;
  const failed: NewEvent = { type: 'run.failed', data: { failedSteps: [] }, payload: '{}' };
  const paused = { type: 'run.paused', data: {} } as const;
  const ends: Record<RunStatus, readonly NewEvent[]> = {
    queued: [],
    running: [runStarted],
    waiting: [{ type: 'run.waiting', data: {} }],
    parked: [parked()],
    paused: [paused],
    completed: [runCompleted],
    failed: [failed],
    cancelled: [cancelled],
  };
  for (const [status, events] of Object.entries(ends)) {
    await commitOne(store, factsOf(await start(store, status), events));
    clock.move(1);
  }
}

export const readContract: readonly ContractTest[] = [
  {
    name: 'a store is empty until it holds a run, whoever it belongs to',
    async run(open) {
      const { store } = await open();
      assert.equal(await store.isEmpty(), true);
      await start(store, 'a', { tenant: 'acme' });
      assert.equal(await store.isEmpty(), false);
    },
  },
  {
    name: 'an event comes back as it was written, with all it carries and nothing else',
    async run(open) {
      const { store, clock } = await open();
      const held = await start(store, 'a');
      const events: NewEvent[] = [
        {
          type: 'step.completed',
          path: 'ü/item:2',
          data: { endedAt: 1, durationMs: 2, outcome: 'né' },
          payload: '"💡"',
        },
        {
          type: 'wait.resolved',
          path: 'g',
          actor: 'ada',
          data: { outcome: 'approved', comment: 'a "b" \\ c' },
        },
        { type: 'run.waiting', data: {} },
        {
          type: 'step.completed',
          path: 's',
          data: { endedAt: 9, durationMs: 2, start: { at: 3, after: { n: 1 } } },
        },
        { type: 'run.started', data: { workerId: 'w' } },
      ];
      await commitOne(store, factsOf(held, events));
      assert.deepEqual(
        (await eventsOf(store, held.run)).slice(1),
        events.map((event, index) => ({ ...event, seq: index + 2, at: clock.now() })),
      );
    },
  },
  {
    name: 'an absent payload and the payload of undefined are different, large or small',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const { payload: _payload, ...without } = completed('none') as Extract<
        NewEvent,
        { type: 'step.completed' }
      >;
      await commitOne(store, factsOf(held, [without, completed('undefined', ''), completed('null', 'null')]));
      const [, none, empty, nothing] = await eventsOf(store, held.run);
      assert.deepEqual([none && 'payload' in none, empty?.payload, nothing?.payload], [false, '', 'null']);
    },
  },
  {
    name: 'a large payload comes back whole, also where many events share it',
    async run(open) {
      const { store } = await open({ inlineBytes: 100 });
      const held = await start(store, 'a');
      const sizes = [98, 99, 100, 101, 5_000];
      const payloads = sizes.map((size) => JSON.stringify('é'.repeat((size - 2) / 2) + 'x'.repeat(size % 2)));
      const events = [...payloads, ...payloads].map((payload, index) => completed(`s${index}`, payload));
      await commitOne(store, factsOf(held, events));
      const read = (await eventsOf(store, held.run)).slice(1).map((event) => event.payload);
      assert.deepEqual(read, [...payloads, ...payloads]);
    },
  },
  {
    name: 'P6 a log is read in pages of any size, from any seq',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      await start(store, 'b');
      await commitOne(
        store,
        factsOf(
          held,
          Array.from({ length: 99 }, (_, index) => completed(`s${index}`)),
        ),
      );
      const seqs: number[] = [];
      for (let page = await store.readEvents(held.run, 0, 7); page.length > 0; ) {
        seqs.push(...page.map((event) => event.seq));
        page = await store.readEvents(held.run, seqs.at(-1) ?? 0, 7);
      }
      assert.deepEqual(
        seqs,
        Array.from({ length: 100 }, (_, index) => index + 1),
      );
      assert.deepEqual(await store.readEvents(held.run, 100, 7), []);
      assert.equal((await store.readEvents(refOf('a'), 98, 7)).length, 2);
      assert.deepEqual(await store.readEvents(refOf('none'), 0, 7), []);
    },
  },
  {
    name: 'runs are listed newest first, in pages that go on where the last one ended',
    async run(open) {
      const { store, clock } = await open();
      const ids = Array.from({ length: 9 }, (_, index) => `r${index}`);
      for (const [index, id] of ids.entries()) {
        await start(store, id, { priority: index % 3, version: `${index % 2}` });
        clock.move(1);
      }
      assert.deepEqual(await listed(store, {}), ids.toReversed());
      assert.deepEqual(await listed(store, { limit: 4 }), ['r8', 'r7', 'r6', 'r5']);
      assert.deepEqual(await listed(store, { limit: 4, before: 'r5' }), ['r4', 'r3', 'r2', 'r1']);
      await assert.rejects(listed(store, { before: 'none' }), { code: 'RUN_NOT_FOUND' });
    },
  },
  {
    name: 'a list finds every status and every mixture of them',
    async run(open) {
      const { store, clock } = await open();
      await oneOfEach(store, clock);
      const all = [
        'cancelled',
        'failed',
        'completed',
        'paused',
        'parked',
        'waiting',
        'running',
        'queued',
      ] as const;
      assert.deepEqual(await listed(store, {}), [...all]);
      for (const status of all) assert.deepEqual(await listed(store, { status: [status] }), [status]);
      assert.deepEqual(await listed(store, { status: ['paused', 'parked'] }), ['paused', 'parked']);
      assert.deepEqual(await listed(store, { status: ['queued', 'cancelled', 'parked'] }), [
        'cancelled',
        'parked',
        'queued',
      ]);
      assert.deepEqual(await listed(store, { status: ['completed', 'running'] }), ['completed', 'running']);
      assert.deepEqual(await listed(store, { status: [] }), []);
    },
  },
  {
    name: 'a status that changed is found under the new one only',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      await commitOne(store, conclusionOf(held, { events: [parked()], dueAt: null, release: true }));
      assert.deepEqual(await listed(store, { status: ['parked'] }), ['a']);
      const other = await start(store, 'b');
      await rest(store, other, null);
      assert.deepEqual(await listed(store, { status: ['queued', 'running'] }), []);
      assert.deepEqual(await listed(store, { status: ['waiting'] }), ['b']);
    },
  },
  {
    name: 'a list of one workflow or of the children of one run holds nothing else',
    async run(open) {
      const { store, clock } = await open();
      await start(store, 'a');
      await start(store, 'b', { workflow: 'bill' });
      clock.move(1);
      await start(store, 'c', childOf('a'));
      clock.move(1);
      await start(store, 'd', { ...childOf('a'), workflow: 'bill' });
      await start(store, 'e', { ...childOf('a'), tenant: 'red' });
      assert.deepEqual(await listed(store, { workflow: 'bill' }), ['d', 'b']);
      assert.deepEqual(await listed(store, { parentRunId: 'a' }), ['d', 'c']);
      assert.deepEqual(await listed(store, { parentRunId: 'a', workflow: 'bill' }), ['d']);
      assert.deepEqual(await listed(store, { parentRunId: 'a', status: ['completed'] }), []);
      assert.deepEqual(await listed(store, { workflow: 'none' }), []);
    },
  },
];
