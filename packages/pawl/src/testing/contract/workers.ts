/** The contract of workers and workflow definitions. */
import assert from 'node:assert/strict';
import type { Store } from '../../store/index.ts';
import { claimOf, commitOne, factsOf, HOLDER, OTHER, start } from './batches.ts';
import type { ContractTest } from './contract.ts';
import { completed } from './sample-events.ts';

async function register(store: Store, id: string): Promise<void> {
  await store.registerWorker({ id, hostname: 'host', pid: 42, startedAt: 5, serves: ['ship@1'] });
}

export const workerContract: readonly ContractTest[] = [
  {
    name: 'a registered worker is listed with its beat and the number of runs that it holds',
    async run(open) {
      const { store, clock } = await open();
      await register(store, HOLDER);
      await start(store, 'a');
      await start(store, 'b');
      clock.move(10);
      assert.equal(await store.beat(HOLDER, false), true);
      assert.deepEqual(await store.listWorkers(), [
        {
          id: HOLDER,
          hostname: 'host',
          pid: 42,
          startedAt: 5,
          beatAt: clock.now(),
          draining: false,
          serves: ['ship@1'],
          held: 2,
          tasks: 0,
        },
      ]);
      await store.beat(HOLDER, true);
      assert.equal((await store.listWorkers())[0]?.draining, true);
    },
  },
  {
    name: 'a holder that was taken for dead and takes something before it notices is listed, and what it holds can be freed',
    async run(open) {
      const { store, clock } = await open();
      await register(store, OTHER);
      await start(store, 'a');
      const [known, forgotten] = await store.listWorkers();
      assert.deepEqual([known?.id, known?.isForgotten], [OTHER, undefined]);
      assert.deepEqual([forgotten?.id, forgotten?.isForgotten, forgotten?.held], [HOLDER, true, 1]);
      const [claimed] = await claimOf({ store, now: clock.now() }, { dead: [HOLDER] });
      assert.equal(claimed?.row.run.runId, 'a');
      assert.equal((await store.listWorkers()).length, 1);
    },
  },
  {
    name: 'P11 a heartbeat touches no run',
    async run(open) {
      const { store } = await open();
      await register(store, HOLDER);
      const held = await start(store, 'a');
      const before = await store.getRun('default', 'a');
      await store.beat(HOLDER, false);
      assert.deepEqual(await store.getRun('default', 'a'), before);
      await commitOne(store, factsOf(held, [completed('x')]));
    },
  },
  {
    name: 'P13 a worker that lives here is not dead, and one that nobody knows is not provably so',
    async run(open) {
      const { store, openAgain } = await open();
      await register(store, HOLDER);
      const other = (await openAgain?.()) ?? store;
      for (const one of [store, other]) {
        assert.equal(await one.isProvablyDead(HOLDER), false);
        assert.equal(await one.isProvablyDead('never seen'), false);
      }
    },
  },
  {
    name: 'the beat of one worker is not the beat of another',
    async run(open) {
      const { store, clock } = await open();
      await register(store, HOLDER);
      await register(store, OTHER);
      const before = clock.now();
      clock.move(10);
      await store.beat(HOLDER, false);
      const beats = (await store.listWorkers()).map((worker) => [worker.id, worker.beatAt]);
      assert.deepEqual(beats, [
        [HOLDER, before + 10],
        [OTHER, before],
      ]);
    },
  },
  {
    name: 'a worker that was taken for dead learns it at its next beat',
    async run(open) {
      const { store, clock } = await open();
      await register(store, HOLDER);
      await start(store, 'a');
      const claimed = await claimOf({ store, now: clock.now() }, { dead: [HOLDER] });
      assert.equal(claimed.length, 1);
      assert.equal(await store.beat(HOLDER, false), false);
      assert.ok(!(await store.listWorkers()).some(({ id }) => id === HOLDER));
    },
  },
  {
    name: 'a dead worker without runs is forgotten by the claim that names it',
    async run(open) {
      const { store, clock } = await open();
      await register(store, HOLDER);
      assert.deepEqual(await claimOf({ store, now: clock.now() }, { dead: [HOLDER] }), []);
      assert.deepEqual(await store.listWorkers(), []);
    },
  },
  {
    name: 'a worker that retires leaves no row, no strikes and no runs behind',
    async run(open) {
      const { store, clock } = await open();
      await register(store, HOLDER);
      await start(store, 'a');
      await store.retireWorker(HOLDER);
      assert.deepEqual(await store.listWorkers(), []);
      const [claimed] = await claimOf({ store, now: clock.now() }, { holder: OTHER });
      assert.equal(claimed?.strikes, 0);
      await store.retireWorker(HOLDER);
    },
  },
  {
    name: 'J22 a version of a workflow is registered once and never changed',
    async run(open) {
      const { store } = await open();
      const v1 = { name: 'ship', version: '1', digest: 'd1', inputSchema: { type: 'object' } };
      assert.deepEqual(await store.registerWorkflows([v1]), []);
      assert.deepEqual(await store.registerWorkflows([v1]), []);
      const changed = { ...v1, digest: 'other' };
      assert.deepEqual(await store.registerWorkflows([{ ...v1, version: '2' }, changed]), [v1]);
      assert.deepEqual(await store.getWorkflow('ship', '1'), v1);
      assert.equal(await store.getWorkflow('ship', '2'), undefined);
    },
  },
  {
    name: 'whether a version has an onCancel is kept, and what once had one has it for good',
    async run(open) {
      const { store } = await open();
      const row = (version: string) => ({ name: 'ship', version, digest: `d${version}` });
      const says = async (version: string) => (await store.getWorkflow('ship', version))?.hasOnCancel;
      await store.registerWorkflows([row('1')]);
      assert.equal(await says('1'), undefined);
      await store.registerWorkflows([{ ...row('1'), hasOnCancel: false }]);
      assert.equal(await says('1'), false);
      await store.registerWorkflows([{ ...row('1'), hasOnCancel: true }]);
      await store.registerWorkflows([{ ...row('1'), hasOnCancel: false }]);
      assert.equal(await says('1'), true);
    },
  },
  {
    name: 'a version has the onCancel of every workflow that goes on with its runs',
    async run(open) {
      const { store } = await open();
      const row = (version: string) => ({ name: 'ship', version, digest: `d${version}` });
      const says = async (version: string) => (await store.getWorkflow('ship', version))?.hasOnCancel;
      await store.registerWorkflows([{ ...row('1'), hasOnCancel: false }]);
      const third = { ...row('3'), hasOnCancel: true, compatible: ['1', '2', 'never seen'] };
      await store.registerWorkflows([third, { ...row('2'), hasOnCancel: false }]);
      assert.deepEqual([await says('1'), await says('2'), await says('3')], [true, true, true]);
      assert.equal(await store.getWorkflow('ship', 'never seen'), undefined);
      const fourth = { ...row('4'), hasOnCancel: false, compatible: ['1'] };
      await store.registerWorkflows([fourth]);
      assert.deepEqual([await says('1'), await says('4')], [true, false]);
    },
  },
  {
    name: 'a workflow without a version is the one that was registered last',
    async run(open) {
      const { store } = await open();
      assert.equal(await store.getWorkflow('ship'), undefined);
      const versions = ['10', '9'].map((version) => ({ name: 'ship', version, digest: 'd' }));
      for (const one of versions) await store.registerWorkflows([one]);
      await store.registerWorkflows([{ name: 'bill', version: '1', digest: 'd' }]);
      assert.deepEqual(await store.getWorkflow('ship'), versions[1]);
    },
  },
];
