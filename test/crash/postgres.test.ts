/** Workers that share a database on a server: they are killed, cut off, and the server is killed under them. */
import { afterEach, describe, expect, test } from 'vitest';
import { dropDatabase, newDatabase } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';
import { judge } from './support/judge.ts';
import { playRounds, ROUNDS_TIMEOUT } from './support/rounds.ts';
import { HURRY, storm } from './support/storm.ts';
import type { AskedRun } from './support/world.ts';
import { World } from './support/world.ts';

const worlds: World[] = [];

async function newWorld(): Promise<World> {
  const world = new World(await newDatabase());
  worlds.push(world);
  return world;
}

afterEach(async () => {
  for (const world of worlds.splice(0)) {
    await world.dispose();
    await dropDatabase(world.store);
  }
});

/** Shorter than a lease: what is taken over in this time was taken because its holder was seen dead. */
const BEFORE_SILENCE_MS = 25_000;

function heldRuns(count: number): AskedRun[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `held-${index}`,
    workflow: 'held',
    input: { signals: 0 },
  }));
}

describe.skipIf(!hasPostgres())('workers on one server', () => {
  test.each([
    { kills: 10, processes: 1 },
    { kills: 15, processes: 2 },
  ])(
    'P5: bring runs to their right end through $kills kills of $processes process(es)',
    { timeout: ROUNDS_TIMEOUT },
    async ({ kills, processes }) => {
      await playRounds(`${processes} process(es) on one server`, async (chance) => {
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
});
