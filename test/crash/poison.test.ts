/** A step that kills its worker is set apart and parked; the runs beside it go on. */
import { afterEach, expect, test } from 'vitest';
import { judge, readRuns } from './support/judge.ts';
import type { WorkerProcess } from './support/worker-process.ts';
import { type AskedRun, unlessGone, World } from './support/world.ts';

let world: World;
afterEach(() => world.dispose());

const BESIDE = 40;

async function dieOf(ms: number): Promise<void> {
  world = new World();
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

test('J12: a step that kills its worker fires five times, then its run is parked as poisoned and all others complete', async () => {
  await dieOf(0);
});

test('J12: it counts the same where the start of each attempt had reached the disk before the worker died', async () => {
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
  return await world.opened(async (engine) => {
    const parked = async (): Promise<boolean> => {
      for await (const event of engine.handle('poisoned').events({ follow: true }))
        if (event.type === 'run.parked') return true;
      return false;
    };
    return await Promise.race([parked(), worker.gone.then(() => false)]);
  });
}
