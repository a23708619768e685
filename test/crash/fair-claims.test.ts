/** A long line of due runs is worked off from its front. */
import { afterEach, expect, test } from 'vitest';
import { judge } from './support/judge.ts';
import { HURRY } from './support/storm.ts';
import { World } from './support/world.ts';

let world: World;
afterEach(() => world.dispose());

const BACKLOG = 1_000;
const BUSY = 20;
const SIGNALS = 10;
/** Runs that a worker drives at a time. */
const PLACES = 8;

test('J7: of 1,000 due runs none waits for younger ones, whatever else becomes due again and again meanwhile', async () => {
  world = new World();
  const client = await world.worker({ isClient: true });
  const busy = Array.from({ length: BUSY }, (_, index) => ({
    id: `busy-${index}`,
    workflow: 'waiter',
    input: { signals: SIGNALS },
  }));
  const backlog = Array.from({ length: BACKLOG }, (_, index) => ({
    id: `old-${index}`,
    workflow: 'chain',
    input: { steps: 1, ms: 0 },
  }));
  await Promise.all([...busy, ...backlog].map((run) => world.start(client, run)));
  const workers = await Promise.all([1, 2].map(() => world.worker({ runs: PLACES, time: HURRY })));
  // These runs are updated all the time: by update time they would always come first.
  for (let index = 0; index < SIGNALS; index += 1) {
    await Promise.all(busy.map(({ id }) => client.call('signal', id, index, `go-${index}`)));
  }
  await client.call(
    'results',
    world.asked.map(({ id }) => id),
  );
  await Promise.all([client, ...workers].map((worker) => worker.close()));

  expect(await judge(world)).toMatchObject({ problems: [], repeats: 0 });
  for (const { pid } of workers) expect(overtaking(pid)).toBeLessThan(2 * PLACES);
});

/** By how many places a run of the backlog was taken too late by a process: behind the youngest one that it had taken before. */
function overtaking(pid: number): number {
  const own = world.firings.filter((firing) => firing.pid === pid && firing.runId.startsWith('old-'));
  const numbers = own.map(({ runId }) => Number(runId.slice(4)));
  return Math.max(0, ...numbers.map((number, place) => Math.max(...numbers.slice(0, place + 1)) - number));
}
