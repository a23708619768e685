/** A cancel, a timeout and a signal reach another process soon, however it hears of commits: by being told, or by looking. */
import { afterEach, describe, expect, test } from 'vitest';
import { Line } from '../postgres/line.ts';
import { hasPostgres } from '../postgres/server.ts';
import { judge } from './support/judge.ts';
import { inBothPlaces, type NewWorld, worldsOnServer } from './support/places.ts';
import type { WorkerPlan } from './support/protocol.ts';
import type { WorkerProcess } from './support/worker-process.ts';
import { ABORTED } from './support/workflows.ts';
import type { World } from './support/world.ts';

/** Polls, beats and looks for the dead never come. */
const NO_POLLS = { time: { noTimersFrom: 400 } } as const;

/** Only looks of half a second come: no poll brings anything. */
const LOOKS_ONLY = { time: { noTimersFrom: 1_000 } } as const;

async function aborted(steps: WorkerProcess): Promise<void> {
  await steps.heard((line) => line.type === 'log' && line.message === ABORTED);
}

interface Reach {
  readonly world: World;
  readonly hearing: Partial<WorkerPlan>;
  readonly withinMs: number;
}

async function cancelReaches({ world, hearing, withinMs }: Reach): Promise<void> {
  const driver = await world.worker({ ...hearing, queues: [] });
  const steps = await world.worker({ ...hearing, queues: ['remote'], isStepWorker: true, holds: true });
  await world.start(driver, { id: 'far', workflow: 'remote', input: { steps: 1, isHeld: true } });
  await steps.fired('r0');
  const cancelledAt = Date.now();
  await driver.call('cancel', 'far');
  await aborted(steps);
  expect(Date.now() - cancelledAt).toBeLessThan(withinMs);
  await world.recorded('far', 'run.cancelled');
  await Promise.all([driver.close(), steps.close()]);
  expect((await judge(world, { statuses: new Map([['far', 'cancelled']]) })).problems).toEqual([]);
}

async function timeoutReaches(world: World, hearing: Partial<WorkerPlan>): Promise<void> {
  const driver = await world.worker({ ...hearing, queues: [] });
  const steps = await world.worker({ ...hearing, queues: ['remote'], isStepWorker: true, holds: true });
  const input = { steps: 1, isHeld: true, timeoutMs: 100 };
  await world.start(driver, { id: 'far', workflow: 'remote', input });
  await aborted(steps);
  await world.recorded('far', 'run.failed');
  await Promise.all([driver.close(), steps.close()]);
  expect((await judge(world, { statuses: new Map([['far', 'failed']]) })).problems).toEqual([]);
}

inBothPlaces((newWorld) => {
  // a second is promised; what would be brought by a poll comes after four at the earliest
  test.each([
    ['without its polls', NO_POLLS],
    ['by its look alone', { isDeaf: true }],
  ] as const)('J19: a cancel aborts what another process executes, %s', async (_how, hearing) => {
    await cancelReaches({ world: await newWorld(), hearing, withinMs: 4_000 });
  });

  test('J15: a timeout aborts what another process executes, without a poll', async () => {
    await timeoutReaches(await newWorld(), NO_POLLS);
  });
});

describe.skipIf(!hasPostgres())('behind a pooler, where nobody is told of anything', () => {
  const newWorld = worldsOnServer();
  const lines: Line[] = [];
  afterEach(async () => {
    for (const line of lines.splice(0)) await line.close();
  });

  async function newPlace(
    make: NewWorld,
  ): Promise<{ readonly world: World; readonly pooled: Partial<WorkerPlan> }> {
    const world = await make();
    const line = await Line.to(world.store, { isPooler: true });
    lines.push(line);
    return { world, pooled: { store: line.url, ...LOOKS_ONLY } };
  }

  test('J6 J19: a cancel and a timeout reach what another process executes', async () => {
    const { world, pooled } = await newPlace(newWorld);
    await cancelReaches({ world, hearing: pooled, withinMs: 4_000 });
    const other = await newPlace(newWorld);
    await timeoutReaches(other.world, other.pooled);
  });

  test('J6: signals reach a run that another process drives, and its end is known to who waits for it', async () => {
    const { world, pooled } = await newPlace(newWorld);
    const driver = await world.worker(pooled);
    const client = await world.worker({ ...pooled, isClient: true });
    await world.start(client, { id: 'resting', workflow: 'waiter', input: { signals: 3 } });
    for (let hop = 0; hop < 3; hop += 1) await client.call('signal', 'resting', hop, `hop-${hop}`);
    expect(await client.call('results', ['resting'])).toEqual([[0, 1, 2]]);
    await Promise.all([driver.close(), client.close()]);
    expect((await judge(world)).problems).toEqual([]);
  });
});
