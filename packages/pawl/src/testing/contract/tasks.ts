/** The contract of tasks: there while their attempt is, with one worker at a time, and none that lost one writes about it. */
import assert from 'node:assert/strict';
import type { NewEvent } from '../../run/index.ts';
import type { Batch, ClaimedTask, NewTask, Store, TaskClaimRequest, TaskFence } from '../../store/index.ts';
import {
  after,
  claimOf,
  commitOne,
  conclusionOf,
  externalOf,
  factsOf,
  type Held,
  HOLDER,
  OTHER,
  refusedOne,
  rest,
  rowOf,
  start,
} from './batches.ts';
import type { ContractTest } from './contract.ts';
import { completed, opened, retried, runCompleted } from './sample-events.ts';

const KINDS = ['render', 'shell'];

function taskOf(path: string, more: Partial<NewTask> = {}): NewTask {
  return { path, attempt: 1, kind: 'render', queue: 'gpu', priority: 0, order: `{"of":"${path}"}`, ...more };
}

function scheduled({ path, attempt, queue, kind }: NewTask): NewEvent {
  const data = { kind, queue, ...(attempt === 1 ? {} : { attempt }) };
  return { type: 'step.scheduled', path, data };
}

function begun(path: string, attempt = 1): NewEvent {
  return { type: 'step.started', path, data: { queue: 'gpu', workerId: OTHER, ...numbered(attempt) } };
}

function lost(path: string, attempt = 1): NewEvent {
  return { type: 'step.lost', path, data: numbered(attempt) };
}

function cancelled(path: string, attempt = 1): NewEvent {
  return { type: 'step.cancelled', path, data: { reason: 'a loser', ...numbered(attempt) } };
}

function numbered(attempt: number): { readonly attempt?: number } {
  return attempt === 1 ? {} : { attempt };
}

async function dispatch(store: Store, held: Held, tasks: readonly NewTask[]): Promise<Held> {
  return after(held, await commitOne(store, factsOf(held, tasks.map(scheduled), { tasks })));
}

async function claimOne(store: Store, more: Partial<TaskClaimRequest> = {}): Promise<ClaimedTask> {
  const [task] = await claimTasks(store, { limit: 1, ...more });
  assert.ok(task, 'no task was claimed');
  return task;
}

function claimTasks(store: Store, more: Partial<TaskClaimRequest> = {}): Promise<ClaimedTask[]> {
  return store.claimTasks({ holder: OTHER, queues: undefined, kinds: KINDS, limit: 10, ...more });
}

async function pathsOf(store: Store, more: Partial<TaskClaimRequest> = {}): Promise<string[]> {
  return (await claimTasks(store, more)).map(({ path }) => path);
}

function fenceOf({ path, attempt, epoch }: ClaimedTask, more: Partial<TaskFence> = {}): TaskFence {
  return { path, attempt, epoch, holder: OTHER, ...more };
}

/** What the worker of a task writes. */
function fromWorker(task: ClaimedTask, events: readonly NewEvent[], more: Partial<TaskFence> = {}): Batch {
  return externalOf(task.run, events, { requires: { task: fenceOf(task, more) } });
}

export const taskContract: readonly ContractTest[] = [
  {
    name: 'J21 a task comes with its step.scheduled, and its worker gets everything that was said of it',
    async run(open) {
      const { store, openAgain } = await open();
      const held = await start(store, 'a');
      await dispatch(store, held, [taskOf('x', { attempt: 2 })]);
      const other = (await openAgain?.()) ?? store;
      const { run, epoch, ...task } = await claimOne(other);
      assert.deepEqual(task, {
        path: 'x',
        attempt: 2,
        kind: 'render',
        queue: 'gpu',
        order: '{"of":"x"}',
        hasBegun: false,
      });
      assert.deepEqual([run.runId, run.tenant, epoch], ['a', 'default', 1]);
      assert.deepEqual(await claimTasks(store), []);
    },
  },
  {
    name: 'a refused batch leaves no task behind',
    async run(open) {
      const { store } = await open();
      const held = await start(store, 'a');
      const stale = { ...held, epoch: held.epoch + 1 };
      const tasks = [taskOf('x')];
      assert.equal(
        (await refusedOne(store, factsOf(stale, tasks.map(scheduled), { tasks }))).reason,
        'lease_lost',
      );
      assert.deepEqual(await claimTasks(store), []);
    },
  },
  {
    name: 'a worker gets tasks of its queues and kinds alone',
    async run(open) {
      const { store } = await open();
      const tasks = [
        taskOf('x'),
        taskOf('y', { queue: 'general' }),
        taskOf('z', { kind: 'odd' }),
        taskOf('w', { queue: 'general', kind: 'shell' }),
      ];
      await dispatch(store, await start(store, 'a'), tasks);
      assert.deepEqual(await pathsOf(store, { queues: [] }), []);
      assert.deepEqual(await pathsOf(store, { queues: ['tpu'] }), []);
      assert.deepEqual(await pathsOf(store, { queues: ['general'], kinds: ['shell'] }), ['w']);
      assert.deepEqual(await pathsOf(store), ['x', 'y']);
      assert.deepEqual(await pathsOf(store, { kinds: ['odd'] }), ['z']);
    },
  },
  {
    name: 'P9 tenants take turns at a queue, then the higher priority goes first, then the older task',
    async run(open) {
      const { store } = await open();
      const red = await start(store, 'a', { tenant: 'red' });
      const names = ['1', '2', '3', '4', '5'];
      const after1 = await dispatch(
        store,
        red,
        names.map((name) => taskOf(`red-${name}`)),
      );
      await dispatch(store, await start(store, 'b', { tenant: 'blue' }), [
        taskOf('blue-1'),
        taskOf('blue-2'),
      ]);
      await dispatch(store, after1, [taskOf('red-urgent', { priority: 5, queue: 'other' })]);
      const first = await pathsOf(store, { limit: 4 });
      assert.deepEqual(
        first.filter((path) => path.startsWith('red')),
        ['red-urgent', 'red-1'],
      );
      assert.deepEqual(
        first.filter((path) => path.startsWith('blue')),
        ['blue-1', 'blue-2'],
      );
      assert.deepEqual(await pathsOf(store), ['red-2', 'red-3', 'red-4', 'red-5']);
    },
  },
  {
    name: 'J7 the oldest of 1,000 tasks are not starved, and no task is claimed twice',
    async run(open) {
      const { store } = await open();
      const tasks = Array.from({ length: 1_000 }, (_, index) => taskOf(`x${index}`));
      await dispatch(store, await start(store, 'a'), tasks);
      const claimed: string[] = [];
      while (claimed.length < 1_000) claimed.push(...(await pathsOf(store, { limit: 100 })));
      assert.deepEqual(
        claimed,
        tasks.map(({ path }) => path),
      );
    },
  },
  {
    name: 'an outcome ends the task, makes the run due, and is the only one',
    async run(open) {
      const { store, clock } = await open();
      const held = await dispatch(store, await start(store, 'a'), [taskOf('x')]);
      await rest(store, held, null);
      const task = await claimOne(store);
      await commitOne(store, { ...fromWorker(task, [begun('x')]), wakes: undefined });
      assert.deepEqual(await claimOf({ store, now: clock.now() }), []);
      const dedupeId = 'd1';
      const answer = await commitOne(store, { ...fromWorker(task, [completed('x')]), dedupeId });
      assert.equal((await claimOf({ store, now: clock.now() })).length, 1);
      assert.equal((await refusedOne(store, fromWorker(task, [completed('x')]))).reason, 'conflict');
      assert.deepEqual(await commitOne(store, { ...fromWorker(task, [completed('x')]), dedupeId }), answer);
      assert.deepEqual(await store.heldTasks(OTHER), []);
    },
  },
  {
    name: 'J13 whoever lost a task writes nothing about its attempt',
    async run(open) {
      const { store, clock } = await open();
      await dispatch(store, await start(store, 'a'), [taskOf('x')]);
      const task = await claimOne(store);
      for (const wrong of [{ holder: 'nobody' }, { epoch: task.epoch + 1 }, { attempt: 2 }]) {
        const refused = await refusedOne(store, fromWorker(task, [begun('x')], wrong));
        assert.equal(refused.reason, 'conflict');
      }
      await claimOf({ store, now: clock.now() }, { holder: HOLDER, dead: [OTHER] });
      assert.equal((await refusedOne(store, fromWorker(task, [begun('x')]))).reason, 'conflict');
      const again = await claimOne(store, { holder: 'third' });
      assert.deepEqual([again.epoch, again.hasBegun, again.formerHolder], [2, false, OTHER]);
      assert.equal((await refusedOne(store, fromWorker(task, [completed('x')]))).reason, 'conflict');
      await commitOne(store, fromWorker(again, [completed('x')], { holder: 'third' }));
    },
  },
  {
    name: 'an attempt that had begun with a dead worker is taken over as lost, by any worker, and by one',
    async run(open) {
      const { store, clock } = await open();
      const held = await dispatch(store, await start(store, 'a'), [taskOf('x'), taskOf('y')]);
      const [task] = await claimTasks(store);
      assert.ok(task);
      await commitOne(store, fromWorker(task, [begun('x')]));
      await claimOf({ store, now: clock.now() }, { holder: HOLDER, dead: [OTHER] });
      const elsewhere = { holder: 'third', queues: ['none'], limit: 0 };
      const [taken, ...others] = await claimTasks(store, elsewhere);
      assert.deepEqual([taken?.path, taken?.hasBegun, taken?.formerHolder, others], ['x', true, OTHER, []]);
      assert.deepEqual(await claimTasks(store, elsewhere), []);
      assert.ok(taken);
      await commitOne(store, fromWorker(taken, [lost('x')], { holder: 'third' }));
      const next = taskOf('x', { attempt: 2 });
      const row = await rowOf(store, held.run);
      await dispatch(store, { ...held, seq: row.lastSeq }, [next]);
      assert.deepEqual(
        (await claimTasks(store)).map(({ path, attempt }) => [path, attempt]),
        [
          ['y', 1],
          ['x', 2],
        ],
      );
    },
  },
  {
    name: 'a worker that closes gives its tasks back: what it had not begun is open again',
    async run(open) {
      const { store } = await open();
      await dispatch(store, await start(store, 'a'), [taskOf('x'), taskOf('y')]);
      const [task] = await claimTasks(store);
      assert.ok(task);
      await commitOne(store, fromWorker(task, [begun('x')]));
      assert.deepEqual(
        (await store.heldTasks(OTHER)).map(({ path, hasBegun, epoch }) => [path, hasBegun, epoch]),
        [
          ['x', true, 1],
          ['y', false, 1],
        ],
      );
      await store.releaseAll(OTHER);
      assert.deepEqual(await store.heldTasks(OTHER), []);
      assert.deepEqual(
        (await claimTasks(store)).map(({ path, hasBegun }) => [path, hasBegun]),
        [
          ['x', true],
          ['y', false],
        ],
      );
    },
  },
  {
    name: 'the end of an attempt withdraws its task, and never that of a later attempt',
    async run(open) {
      const { store } = await open();
      const held = await dispatch(store, await start(store, 'a'), [taskOf('x'), taskOf('y'), taskOf('z')]);
      const task = await claimOne(store);
      const next = taskOf('z', { attempt: 2 });
      const events = [cancelled('x'), cancelled('y'), retried('z', 5), scheduled(next)];
      await commitOne(store, factsOf(held, events, { tasks: [next] }));
      assert.equal((await refusedOne(store, fromWorker(task, [completed('x')]))).reason, 'conflict');
      assert.deepEqual(
        (await claimTasks(store)).map(({ path, attempt }) => [path, attempt]),
        [['z', 2]],
      );
    },
  },
  {
    name: 'a task that is scheduled and withdrawn in one commit never was',
    async run(open) {
      const { store } = await open();
      const tasks = [taskOf('x')];
      const events = [...tasks.map(scheduled), cancelled('x')];
      await commitOne(store, factsOf(await start(store, 'a'), events, { tasks }));
      assert.deepEqual(await claimTasks(store), []);
    },
  },
  {
    name: 'the end of a run withdraws its tasks, where it is not behind',
    async run(open) {
      const { store } = await open();
      const held = await dispatch(store, await start(store, 'a'), [taskOf('x'), taskOf('y')]);
      const task = await claimOne(store);
      await commitOne(store, fromWorker(task, [begun('x')]));
      const [answer] = await store.commit([conclusionOf(held, { events: [runCompleted] })]);
      assert.equal(answer?.type, 'behind');
      assert.equal((await store.heldTasks(OTHER)).length, 1);
      const row = await rowOf(store, held.run);
      await commitOne(store, conclusionOf({ ...held, seq: row.lastSeq }, { events: [runCompleted] }));
      assert.deepEqual(await store.heldTasks(OTHER), []);
      assert.deepEqual(await claimTasks(store), []);
      assert.equal((await refusedOne(store, fromWorker(task, [completed('x')]))).reason, 'run_terminal');
    },
  },
  {
    name: 'nobody begins a task of a run that is paused or parked, also one that is scheduled behind the pause',
    async run(open) {
      const { store } = await open();
      const held = await dispatch(store, await start(store, 'a'), [taskOf('x')]);
      const paused: NewEvent = { type: 'run.paused', data: {} };
      await commitOne(store, externalOf(held.run, [paused]));
      await dispatch(store, held, [taskOf('y')]);
      assert.deepEqual(await claimTasks(store), []);
      const resumed: NewEvent = { type: 'run.resumed', data: { verb: 'resume' } };
      await commitOne(store, externalOf(held.run, [resumed]));
      assert.deepEqual(await pathsOf(store), ['x', 'y']);
    },
  },
  {
    name: 'events of other steps leave a task alone',
    async run(open) {
      const { store } = await open();
      const held = await dispatch(store, await start(store, 'a'), [taskOf('x')]);
      await commitOne(store, factsOf(held, [completed('y'), opened('sleep', 'z')]));
      const elsewhere = await start(store, 'b');
      await commitOne(store, factsOf(elsewhere, [completed('x'), runCompleted]));
      assert.deepEqual(await pathsOf(store), ['x']);
    },
  },
  {
    name: 'a worker is listed with its queues and with the number of its tasks',
    async run(open) {
      const { store } = await open();
      const queues = ['gpu', 'tpu'];
      await store.registerWorker({ id: OTHER, hostname: 'h', pid: 1, startedAt: 1, serves: [], queues });
      await dispatch(store, await start(store, 'a'), [taskOf('x'), taskOf('y')]);
      await claimTasks(store);
      const [row] = await store.listWorkers();
      assert.deepEqual([row?.queues, row?.tasks, row?.held], [queues, 2, 0]);
    },
  },
  {
    name: 'whoever asks for fresh tasks gets none that was begun by a holder that is gone',
    async run(open) {
      const { store } = await open();
      await dispatch(store, await start(store, 'a'), [taskOf('x'), taskOf('y')]);
      const task = await claimOne(store);
      await commitOne(store, fromWorker(task, [begun('x')]));
      await store.releaseAll(OTHER);
      assert.deepEqual(await pathsOf(store, { isFreshOnly: true }), ['y']);
      assert.deepEqual(await pathsOf(store, { isFreshOnly: true }), []);
      assert.deepEqual(await pathsOf(store), ['x']);
    },
  },
  {
    name: 'a worker outside is listed as such, is never provably dead, and loses its task when it was silent',
    async run(open) {
      const { store, clock, openAgain } = await open();
      const outside = { id: OTHER, hostname: 'py', pid: 0, startedAt: 1, serves: [], isOutside: true };
      await store.registerWorker(outside);
      await dispatch(store, await start(store, 'a'), [taskOf('x')]);
      await claimTasks(store);
      const row = (await store.listWorkers()).find(({ id }) => id === OTHER);
      assert.deepEqual([row?.isOutside, row?.hostname, row?.tasks], [true, 'py', 1]);
      const other = (await openAgain?.()) ?? store;
      assert.equal(await other.isProvablyDead(OTHER), false);
      assert.equal(await store.beat(OTHER, false), true);
      await claimOf({ store, now: clock.now() }, { dead: [OTHER] }); // silent for long, as somebody judged
      assert.equal(await store.beat(OTHER, false), false);
      assert.deepEqual(await pathsOf(store), ['x']);
      await store.registerWorker(outside);
      await store.retireWorker(OTHER);
      assert.equal(
        (await store.listWorkers()).some(({ id }) => id === OTHER),
        false,
      );
    },
  },
];
