/** Workers that share a database on a server: they are killed, cut off, and the server is killed under them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { cutConnections } from '../postgres/databases.ts';
import { hasPostgres, type PostgresServer, startServer } from '../postgres/server.ts';
import { judge } from './support/judge.ts';
import { worldsOnServer } from './support/places.ts';
import { playRound } from './support/round.ts';
import { HURRY, storm } from './support/storm.ts';
import { sweep } from './support/sweep.ts';
import type { WorkerProcess } from './support/worker-process.ts';
import type { AskedRun } from './support/world.ts';
import { World } from './support/world.ts';

/** Shorter than a lease: what is taken over in this time was taken because its holder was seen dead. */
const BEFORE_SILENCE_MS = 25_000;

/** Some thirty lives, two at a time, each with two processes. */
const MANY_LIVES_MS = 400_000;

function heldRuns(count: number): AskedRun[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `held-${index}`,
    workflow: 'held',
    input: { signals: 0 },
  }));
}

describe.skipIf(!hasPostgres())('workers on one server', () => {
  const newWorld = worldsOnServer();

  test.each([
    { kills: 6, processes: 1 },
    { kills: 8, processes: 2 },
  ])(
    'P5: bring runs to their right end through $kills kills of $processes process(es)',
    async ({ kills, processes }) => {
      await playRound(`${processes} process(es) on one server`, async (chance) => {
        const world = await newWorld();
        const report = await storm({ world, chance, processes, rounds: kills, runsARound: 15 });
        const { problems, firings, repeats, lost } = await judge(world);
        expect(problems).toEqual([]);
        return { ...report, effects: firings, 'effects repeated': repeats, 'attempts lost': lost };
      });
    },
  );

  test.each([{ where: 'on the same machine' }, { where: 'on another machine', isElsewhere: true }])(
    'take the runs of a killed process $where, without waiting for its lease',
    { timeout: BEFORE_SILENCE_MS },
    async ({ isElsewhere = false }) => {
      const world = await newWorld();
      const survivor = await world.worker({ time: HURRY, isElsewhere });
      const victim = await world.worker({ time: HURRY, holds: true, isElsewhere });
      const runs = heldRuns(20);
      await Promise.all(runs.map((run) => world.start(victim, run)));
      await Promise.all(runs.map(({ id }) => victim.fired('long', { runId: id })));
      await world.kill(victim);
      const outputs = await world.opened((engine) =>
        Promise.all(runs.map(({ id }) => engine.handle(id).result())),
      );
      await survivor.close();
      expect(outputs).toEqual(runs.map(() => [`by ${survivor.pid}`]));
      expect((await judge(world)).problems).toEqual([]);
    },
  );

  test('J2 J3 P5: leave all of a commit or nothing, whenever one of them is killed', {
    timeout: MANY_LIVES_MS,
  }, async () => {
    const runs = [
      { id: 'chain', workflow: 'chain', input: { steps: 2, ms: 0 } },
      { id: 'waiter', workflow: 'waiter', input: { signals: 1 }, output: [0] },
    ];
    const { problems, lives } = await sweep({
      world: newWorld,
      runs,
      live: async (world, worker) => {
        await Promise.all(runs.map((run) => world.start(worker, run)));
        await worker.call('signal', 'waiter', 0, 'go-0');
        await worker.call(
          'results',
          runs.map(({ id }) => id),
        );
      },
      recover: async (engine) => {
        for (const { id, workflow, input } of runs)
          await engine.start(workflow, input, { id, idempotencyKey: id });
        await engine.signal('waiter', 'go', 0, { dedupeId: 'go-0' });
        await Promise.all(runs.map(({ id }) => engine.handle(id).result()));
      },
    });
    expect(problems).toEqual([]);
    expect(lives).toBeGreaterThan(20);
  });

  test('P5: lose nothing when their connections are cut, whatever was under way', async () => {
    await playRound('connections cut', async (chance) => {
      const world = await newWorld();
      const workers = await Promise.all([1, 2].map(() => world.worker({ time: HURRY })));
      const asked = await startAll(world, workers);
      let cuts = 0;
      const ended = allEnd(world, asked).then(() => true);
      while (cuts < MAX_CUTS) {
        cuts += await cutConnections(world.store);
        if (await Promise.race([ended, chance.moment(chance.between(5, 60)).then(() => false)])) break;
      }
      await ended;
      await Promise.all(workers.map((worker) => worker.close()));
      const { problems, firings } = await judge(world);
      expect(problems).toEqual([]);
      expect(cuts).toBeGreaterThan(10);
      return { cuts, effects: firings };
    });
  });
});

const CHAINS = 40;
const MAX_CUTS = 80;

/** Chains of steps and waiters with their signals, on both workers. */
async function startAll(world: World, workers: readonly WorkerProcess[]): Promise<readonly AskedRun[]> {
  const runs = Array.from({ length: CHAINS }, (_, index) => ({
    id: `chain-${index}`,
    workflow: 'chain',
    input: { steps: 8, ms: 20 },
  }));
  await Promise.all(
    runs.map((run, index) => world.start(workers[index % workers.length] as WorkerProcess, run)),
  );
  return runs;
}

/** Seen by an engine that looks again when it was cut off itself. */
async function allEnd(world: World, runs: readonly AskedRun[]): Promise<void> {
  for (const { id } of runs) {
    for (let status = ''; status !== 'completed'; )
      status = await world.opened(async (engine) => (await engine.runs.get(id)).status).catch(() => '');
  }
}

describe.skipIf(!hasPostgres() || process.env['PAWL_TEST_POSTGRES'] !== undefined)(
  'a server that is killed',
  () => {
    let folder = '';
    let server: PostgresServer | undefined;
    let world: World | undefined;
    afterEach(async () => {
      await world?.dispose();
      await server?.stop();
      if (folder !== '') rmSync(folder, { recursive: true, force: true });
    });

    test('and started again has all that it has answered, and its workers go on by themselves', async () => {
      await playRound('servers killed', async (chance) => {
        folder = mkdtempSync(join(tmpdir(), 'pawl-killed-server-'));
        server = await startServer({ folder });
        const here = new World(server.url);
        world = here;
        const workers = await Promise.all([1, 2].map(() => here.worker({ time: HURRY })));
        const asked = await startAll(here, workers);
        for (let kills = 0; kills < 4; kills += 1) {
          await chance.moment(chance.between(20, 300));
          await server.kill();
          server = await startServer({ folder, port: server.port });
        }
        await allEnd(here, asked);
        await Promise.all(workers.map((worker) => worker.close()));
        const { problems, firings } = await judge(here);
        expect(problems).toEqual([]);
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
        return { effects: firings };
      });
    });
  },
);
