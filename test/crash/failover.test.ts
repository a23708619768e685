/** A primary dies and its standby takes over, at the same address: what a synchronous one keeps, and what a late one has lost. */
import { afterEach, describe, expect, test } from 'vitest';
import { Line } from '../postgres/line.ts';
import { Pair } from '../postgres/pair.ts';
import { hasOwnPostgres } from '../postgres/server.ts';
import { judge, readRuns, storeProblems } from './support/judge.ts';
import type { Line as Said } from './support/protocol.ts';
import { playRounds, ROUNDS_TIMEOUT } from './support/rounds.ts';
import { askAll, HURRY, mixedRuns } from './support/storm.ts';
import type { WorkerProcess } from './support/worker-process.ts';
import { World } from './support/world.ts';

interface Place {
  readonly pair: Pair;
  readonly line: Line;
  readonly world: World;
}

let place: Place | undefined;
afterEach(async () => {
  await place?.world.dispose();
  await place?.line.close();
  await place?.pair.stop();
  place = undefined;
});

/** A world on a primary with a standby, reached by an address that stays the same. */
async function newPlace(isSynchronous: boolean): Promise<Place> {
  const pair = await Pair.start(isSynchronous);
  const line = await Line.to(pair.primary.url);
  place = { pair, line, world: new World(line.url) };
  return place;
}

/** The primary dies without a word; whoever asks at its address is answered by the standby, soon. */
async function failOver({ pair, line }: Place): Promise<void> {
  await pair.killPrimary();
  line.moveTo((await pair.standby()).url); // it refuses to write until it is promoted
  await pair.promote();
}

/** What anybody can read of the runs, in order. */
async function logsOf(world: World): Promise<ReadonlyMap<string, readonly string[]>> {
  const runs = [...(await readRuns(world))];
  return new Map(
    runs.map(([id, { events }]) => [id, events.map(({ seq, type, path = '' }) => `${seq} ${type} ${path}`)]),
  );
}

describe.skipIf(!hasOwnPostgres())('a primary that dies', () => {
  test('with a synchronous standby loses nothing that was answered, and workers go on by themselves', {
    timeout: ROUNDS_TIMEOUT,
  }, async () => {
    await playRounds('failovers', async (chance) => {
      const here = await newPlace(true);
      const { world } = here;
      const workers = await Promise.all([1, 2].map(() => world.worker({ time: HURRY, isElsewhere: true })));
      const runs = mixedRuns(chance, 60, 'mixed');
      world.asked.push(...runs);
      const asking = workers.map((worker, index) =>
        askAll(world, { runs: runs.filter((_, at) => at % 2 === index), worker }).catch(() => undefined),
      );
      await chance.moment(chance.between(50, 400));
      const seen = await logsOf(world);
      await failOver(here);
      await Promise.all(asking);
      await askAll(world, { runs, worker: workers[0] as WorkerProcess }); // whoever heard nothing asks again
      await workers[0]?.call(
        'results',
        runs.map(({ id }) => id),
      );
      await Promise.all(workers.map((worker) => worker.close()));

      const after = await logsOf(world);
      for (const [id, events] of seen) expect(after.get(id)?.slice(0, events.length)).toEqual(events);
      const { problems, firings, lost } = await judge(world);
      expect({ problems, lost }).toEqual({ problems: [], lost: 0 });
      await dispose(here);
      return { runs: runs.length, effects: firings, 'events seen before': [...seen.values()].flat().length };
    });
  });
});

async function dispose({ world, line, pair }: Place): Promise<void> {
  place = undefined;
  await world.dispose();
  await line.close();
  await pair.stop();
}
