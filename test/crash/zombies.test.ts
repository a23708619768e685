/** A process that is stopped, or sleeps, and wakes up late: what it still wants to write is refused. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PATIENCE } from './support/patience.ts';
import { judge, readRuns } from './support/judge.ts';
import { isLost, LEASE_MS, skip } from './support/leases.ts';
import { inBothPlaces } from './support/places.ts';
import type { WorkerPlan } from './support/protocol.ts';
import { HURRY } from './support/storm.ts';
import type { WorkerProcess } from './support/worker-process.ts';
import type { World } from './support/world.ts';

let world: World;

/** Stops the holder of a run until another process has taken it over and finished its step. */
async function takenOver(zombie: WorkerProcess, heir: WorkerProcess): Promise<void> {
  zombie.stop();
  await skip(heir, LEASE_MS - 6_000);
  expect(heir.firings).toEqual([]); // stopped is not dead
  await skip(heir, 12_000);
  await heir.fired('long', { attempt: 2 });
  await world.recorded('contested', 'step.completed');
  zombie.continue();
}

async function holderOf(plan: Partial<WorkerPlan>): Promise<WorkerProcess> {
  const holder = await world.worker(plan);
  await world.start(holder, { id: 'contested', workflow: 'held', input: { signals: 1 } });
  await holder.fired('long');
  await world.recorded('contested', 'step.started');
  return holder;
}

/** Whatever the zombie did: the run ends by what its heir recorded, and the zombie goes on with other work. */
async function endWell(zombie: WorkerProcess, heir: WorkerProcess): Promise<void> {
  await zombie.call('signal', 'contested', 'hello', 'hello-1'); // as an outsider it is welcome
  const output = await heir.call('results', ['contested']);
  await world.start(zombie, { id: 'next', workflow: 'chain', input: { steps: 3, ms: 0 } });
  await zombie.call('results', ['next']);
  await Promise.all([zombie.close(), heir.close()]);

  expect(output).toEqual([[`by ${heir.pid}`, 'hello']]);
  expect(await judge(world)).toMatchObject({ problems: [], lost: 1 });
  const contested = (await readRuns(world)).get('contested');
  expect(
    contested?.events.filter(({ type, path }) => type === 'step.completed' && path === 'long'),
  ).toHaveLength(1);
}

/** The last heartbeat of a process, as the store has it. */
async function beatOf({ pid }: WorkerProcess): Promise<number> {
  const workers = await world.stored((store) => store.listWorkers());
  return workers.find((worker) => worker.pid === pid)?.beatAt ?? 0;
}

/** Resolves when somebody has claimed the run a second time. */
async function claimedAgain(runId: string): Promise<void> {
  const epochOf = () => world.stored(async (store) => (await store.getRun('default', runId))?.epoch);
  await expect.poll(epochOf, PATIENCE).toBe(2);
}

inBothPlaces((newWorld) => {
  test('J13, P1: a worker that was stopped before its commit loses its run after its lease, and the commit is refused when it wakes', async () => {
    world = await newWorld();
    const zombie = await holderOf({ holds: true });
    const heir = await world.worker();
    await zombie.call('holdCommits');
    await zombie.call('release'); // its step ends, its outcome is on the way
    await takenOver(zombie, heir);
    await zombie.call('letCommits');
    await zombie.heard(isLost);
    await endWell(zombie, heir);
  });

  test.each([{ what: 'that hears of it when it wakes' }, { what: 'that hears of nothing', isDeaf: true }])(
    'J13, P1: a worker that was stopped inside its step loses its run after its lease, and what the step returns is dropped by one $what',
    async ({ isDeaf = false }) => {
      world = await newWorld();
      const zombie = await holderOf({
        holds: true,
        ...(isDeaf ? { isDeaf, time: { noTimersFrom: 400 } } : {}),
      });
      const heir = await world.worker();
      await takenOver(zombie, heir);
      await zombie.call('release');
      await zombie.heard(isLost);
      await endWell(zombie, heir);
    },
  );

  test('P13: a worker that was stopped for longer than a lease does not take the runs of a peer that was beating all the while', async () => {
    world = await newWorld();
    const aheadBy = `${world.effects}-ahead`;
    const peer = await holderOf({ holds: true, runs: 1, time: HURRY });
    const client = await world.worker({ isClient: true });
    const sleeper = await world.worker({ time: { noTimersFrom: 400, aheadBy } }); // it sees that its peer holds a run
    sleeper.stop();
    const before = await beatOf(peer);
    writeFileSync(aheadBy, ' '.repeat((2 * LEASE_MS) / 1_000));
    await expect.poll(() => beatOf(peer), PATIENCE).toBeGreaterThan(before);
    await world.start(client, { id: 'queued', workflow: 'chain', input: { steps: 1, ms: 0 } });
    sleeper.continue();
    await sleeper.fired('s0'); // it looked for work, and so at its peer: before any timer of its own
    await peer.call('release');
    await peer.call('signal', 'contested', 'hello', 'hello-1');
    const output = await peer.call('results', ['contested']);
    await world.opened((engine) => engine.handle('queued').result());
    await Promise.all([peer, sleeper, client].map((worker) => worker.close()));

    expect(output).toEqual([[`by ${peer.pid}`, 'hello']]);
    expect(await judge(world)).toMatchObject({ problems: [], lost: 0, repeats: 0 });
  });
});

inBothPlaces((newWorld) => {
  test.each([{ doesReconcile: true }, { doesReconcile: false }])(
    'a worker that was stopped between the start and the effect of a payment does not pay when it wakes and another has decided (reconcile: $doesReconcile)',
    async ({ doesReconcile }) => {
      world = await newWorld();
      const aheadBy = `${world.effects}-ahead`;
      const zombie = await world.worker({ stopsAt: 'start', time: { aheadBy } });
      await world.start(zombie, { id: 'once', workflow: 'once', input: { doesReconcile, ms: 0 } });
      await world.recorded('once', 'step.started');
      const heir = await world.worker();
      zombie.stop();
      await skip(heir, LEASE_MS + 6_000);
      await claimedAgain('once');
      await skip(heir, 2 * LEASE_MS); // the zombie is silent for so long that it is judged
      if (!doesReconcile) {
        await world.recorded('once', 'run.parked');
        await world.opened((engine) => engine.retry('once', { by: 'Ada' })); // nobody has been paid
      }
      expect(await heir.call('results', ['once'])).toEqual(['paid']);
      writeFileSync(aheadBy, ' '.repeat((3 * LEASE_MS) / 1_000)); // the same time has passed for the one that was stopped
      zombie.continue();
      await zombie.call('letCommits');
      await skip(zombie, LEASE_MS);
      await world.start(zombie, { id: 'next', workflow: 'chain', input: { steps: 3, ms: 0 } });
      await zombie.call('results', ['next']);
      await Promise.all([zombie.close(), heir.close()]);

      expect(world.firings.filter(({ path }) => path === 'pay').map(({ pid }) => pid)).toEqual([heir.pid]);
      expect((await judge(world)).problems).toEqual([]);
    },
  );
});
