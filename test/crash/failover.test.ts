/** A primary dies and its standby takes over, at the same address: what a synchronous one keeps, and what a late one has lost. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { onServer } from '../postgres/databases.ts';
import { Line } from '../postgres/line.ts';
import { copyData, Pair } from '../postgres/pair.ts';
import { hasOwnPostgres, type PostgresServer, startServer } from '../postgres/server.ts';
import { chanceOf } from './support/chance.ts';
import { judge, readRuns, storeProblems } from './support/judge.ts';
import type { Line as Said } from './support/protocol.ts';
import { PATIENCE } from './support/patience.ts';
import { playRound } from './support/round.ts';
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

/** Whether a server has run for so long that a missing lock could count as a death. */
async function isSettled(url: string): Promise<boolean> {
  return await onServer(async (client) => {
    const age = `select now() - pg_postmaster_start_time() > interval '6 s' as is_old`;
    return (await client.query<{ is_old: boolean }>(age)).rows[0]?.is_old === true;
  }, url);
}

/** What anybody can read of the runs, in order. */
async function logsOf(world: World): Promise<ReadonlyMap<string, readonly string[]>> {
  const runs = [...(await readRuns(world))];
  return new Map(
    runs.map(([id, { events }]) => [id, events.map(({ seq, type, path = '' }) => `${seq} ${type} ${path}`)]),
  );
}

describe.skipIf(!hasOwnPostgres())('a primary that dies', () => {
  test('with a synchronous standby loses nothing that was answered, and workers go on by themselves', async () => {
    await playRound('failovers', async (chance) => {
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

  test('is no death of the workers that come back to its heir later than others: they keep their runs', async () => {
    const { world, pair, line } = await newPlace(true);
    const slow = await Line.to(pair.primary.url);
    try {
      await world.worker({ time: HURRY, isElsewhere: true });
      const late = await world.worker({ time: HURRY, isElsewhere: true, store: slow.url, holds: true });
      await world.start(late, { id: 'kept', workflow: 'held', input: { signals: 0 } });
      await world.recorded('kept', 'step.started');
      const { url } = await pair.standby();
      await expect.poll(() => isSettled(url), PATIENCE).toBe(true);
      await failOver({ world, pair, line });
      await chanceOf(0).moment(2_500); // so long its own line stays down
      slow.moveTo(url);
      await late.call('release');
      expect(await late.call('results', ['kept'])).toEqual([[`by ${late.pid}`]]);
      await Promise.all(world.processes.map((worker) => worker.close()));
      expect(await judge(world)).toMatchObject({ problems: [], lost: 0, repeats: 0 });
    } finally {
      await world.dispose();
      await slow.close();
    }
  });

  /** More of them than events were lost, or just as many: then the log is as long as what its holder remembers. */
  test.each([{ signals: 1 }, { signals: 2 }, { signals: 3 }])(
    'and a standby that was late: who remembers more than it has drops that, and goes on from the log ($signals signal(s) later)',
    async ({ signals }) => {
      const here = await newPlace(false);
      const { world, pair } = here;
      const holder = await holderOf(world);
      await pair.cutOff();
      await world.opened((engine) => engine.signal('contested', 'go', 'lost'));
      await holder.fired('got0');
      await world.recorded('contested', 'step.completed');
      await failOver(here);
      for (let index = 0; index < signals; index += 1) await signalled(world, `sent ${index}`);
      await endsWith(world, { holder, output: 'sent 0' });
    },
  );
});

describe.skipIf(!hasOwnPostgres())('a server whose data are set back to an older copy', () => {
  let folder = '';
  let server: PostgresServer | undefined;
  let world: World | undefined;
  afterEach(async () => {
    await world?.dispose();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('refuses the holder that has read further, who drops what it remembers and goes on from the log', async () => {
    folder = mkdtempSync(join(tmpdir(), 'pawl-set-back-'));
    server = await startServer({ folder });
    const { port } = server;
    const here = new World(server.url);
    world = here;
    const holder = await holderOf(here);
    await server.stop();
    copyData(folder, `${folder}/older`);
    server = await startServer({ folder, port });
    await signalled(here, 'lost');
    await holder.fired('got0');
    await here.recorded('contested', 'step.completed');
    await server.stop();
    rmSync(join(folder, 'data'), { recursive: true });
    copyData(`${folder}/older`, folder);
    server = await startServer({ folder, port });
    await holder.call('release');
    await signalled(here, 'sent');
    await endsWith(here, { holder, output: 'sent' });
  });
});

/** A worker in the middle of a step of a run that hears signals meanwhile. */
async function holderOf(world: World): Promise<WorkerProcess> {
  const holder = await world.worker({ time: HURRY, holds: true });
  await world.start(holder, { id: 'contested', workflow: 'held', input: { signals: 1 } });
  await holder.fired('long');
  await world.recorded('contested', 'step.started');
  await world.recorded('contested', 'wait.opened');
  return holder;
}

/** Sent until it was taken. */
async function signalled(world: World, payload: string): Promise<void> {
  const send = () =>
    world.opened((engine) => engine.signal('contested', 'go', payload, { dedupeId: payload }));
  await expect.poll(() => send().then(() => 'taken', String), PATIENCE).toBe('taken');
}

/** The run ends by what its log holds: the lost signal counts no more, the step that ran is lost and made again. */
async function endsWith(world: World, end: { holder: WorkerProcess; output: string }): Promise<void> {
  const { holder, output } = end;
  await holder.heard((line: Said) => line.type === 'log' && JSON.stringify(line).includes('set back'));
  await holder.call('release');
  expect(await holder.call('results', ['contested'])).toEqual([[`by ${holder.pid}`, output]]);
  await holder.close();
  const runs = await readRuns(world);
  expect(storeProblems(world, runs)).toEqual([]);
  const paths = runs.get('contested')?.events.map(({ type, path = '' }) => `${type} ${path}`);
  expect(paths).toContain('step.lost long');
  expect(world.firings.map(({ path, attempt }) => `${path} ${attempt}`).toSorted()).toEqual([
    'got0 1',
    'got0 1', // its first record is gone
    'long 1',
    'long 2',
  ]);
}

async function dispose({ world, line, pair }: Place): Promise<void> {
  place = undefined;
  await world.dispose();
  await line.close();
  await pair.stop();
}
