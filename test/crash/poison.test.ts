/** A step that kills its worker is set apart and parked; the runs beside it go on. */
import { expect, test } from 'vitest';
import { judge, readRuns } from './support/judge.ts';
import { inBothPlaces, worldsInFile } from './support/places.ts';
import type { WorkerProcess } from './support/worker-process.ts';
import { type AskedRun, unlessGone, type World } from './support/world.ts';

const inFile = worldsInFile();
let world: World;

const BESIDE = 40;

async function dieOf(ms: number): Promise<void> {
  const beside = Array.from({ length: BESIDE }, (_, index) => ({
    id: `beside-${index}`,
    workflow: 'chain',
    input: { steps: 3, ms: 30 },
  }));
  const runs: AskedRun[] = [{ id: 'poisoned', workflow: 'poison', input: { ms } }, ...beside];
  const first = await world.worker();
  await Promise.all(runs.map((run) => unlessGone(world.start(first, run))));
  await first.gone;
  // Each worker opens what the one before it left, and dies of it, until one lives.
  const deaths = 1 + (await diedInARow());
  await world.opened(async (engine) => {
    await Promise.all(beside.map(({ id }) => engine.handle(id).result()));
    expect(await engine.why('poisoned')).toMatchObject({
      status: 'parked',
      reasons: [{ command: 'pawl retry poisoned' }],
    });
  });
  await Promise.all(world.processes.filter((worker) => !worker.isGone).map((worker) => worker.close()));

  expect(deaths).toBe(5);
  expect((await judge(world, { statuses: new Map([['poisoned', 'parked']]) })).problems).toEqual([]);
  const { state, firings } = (await readRuns(world)).get('poisoned') ?? {};
  expect(state?.parked?.reason).toBe('poisoned');
  expect(firings?.filter(({ path }) => path === 'deadly')).toHaveLength(5);
}

inBothPlaces((newWorld) => {
  test('J12: a step that kills its worker fires five times, then its run is parked as poisoned and all others complete', async () => {
    world = await newWorld();
    await dieOf(0);
  });
});

test('J12: it counts the same where the start of each attempt had reached the disk before the worker died', async () => {
  world = await inFile();
  await dieOf(150);
  expect((await judge(world, { statuses: new Map([['poisoned', 'parked']]) })).lost).toBeGreaterThan(0);
});

/** Workers that died of what they found, before one came that lives and has set the run apart. */
async function diedInARow(): Promise<number> {
  for (let deaths = 0; deaths < 12; deaths += 1) {
    const worker = await world.worker();
    await world.startAgain(worker).catch(() => undefined);
    if (await isParkedBy(worker)) return deaths;
  }
  throw new Error('twelve workers died, and the run is still not set apart');
}

/** False where the worker died first. */
async function isParkedBy(worker: WorkerProcess): Promise<boolean> {
  return await areSettledBy(worker, { parked: ['poisoned'], ended: [] });
}

interface Wanted {
  readonly parked: readonly string[];
  readonly ended: readonly string[];
}

/** False where the worker died before all of these were parked or ended. */
async function areSettledBy(worker: WorkerProcess, { parked, ended }: Wanted): Promise<boolean> {
  return await world.opened(async (engine) => {
    const isParked = async (id: string): Promise<void> => {
      for await (const event of engine.handle(id).events({ follow: true }))
        if (event.type === 'run.parked') return;
    };
    const settled = Promise.all([...parked.map(isParked), ...ended.map((id) => engine.handle(id).result())]);
    const hasSettled = settled.then(
      () => true,
      () => false, // the engine that asks was closed: the worker is gone
    );
    return await Promise.race([hasSettled, worker.gone.then(() => false)]);
  });
}

test('P9: three poisoned runs kill every worker, and the slow runs beside them complete all the same', async () => {
  world = await inFile();
  const ids = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const wanted = { parked: ids('poisoned', 3), ended: ids('slow', 8) };
  const first = await world.worker();
  // Not one of them gets through its second step while a poisoned run is driven beside it.
  for (const id of wanted.ended)
    await world.start(first, { id, workflow: 'chain', input: { steps: 2, ms: 300 } });
  for (const id of wanted.parked)
    await unlessGone(world.start(first, { id, workflow: 'poison', input: { ms: 0 } }));
  await first.gone;
  for (let isSettled = false; !isSettled; ) {
    expect(world.processes.length).toBeLessThan(30);
    const worker = await world.worker();
    await world.startAgain(worker).catch(() => undefined);
    isSettled = await areSettledBy(worker, wanted);
  }
  await Promise.all(world.processes.filter((worker) => !worker.isGone).map((worker) => worker.close()));

  const statuses = new Map(wanted.parked.map((id) => [id, 'parked']));
  expect((await judge(world, { statuses })).problems).toEqual([]);
});
