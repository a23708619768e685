/** However a run comes to rest, nothing of it stays claimed, and no later process does any of it again. */
import { afterEach, expect, test } from 'vitest';
import { PATIENCE } from './support/patience.ts';
import { judge, readRuns } from './support/judge.ts';
import { HURRY } from './support/storm.ts';
import { World } from './support/world.ts';
import type { Ending } from './support/workflows.ts';

let world: World;
afterEach(() => world.dispose());

const ENDINGS: readonly [how: Ending, status: string][] = [
  ['fails', 'failed'],
  ['throws', 'failed'],
  ['denied', 'failed'],
  ['times out', 'failed'],
  ['is late', 'failed'],
  ['is cancelled', 'cancelled'],
  ['parks', 'parked'],
];

test('J11: failure, denial, timeout, deadline, cancel and park settle the run; a restart finds nothing to do', async () => {
  world = new World();
  const first = await world.worker({ time: HURRY });
  const runs = ENDINGS.map(([how]) => ({ id: how.replaceAll(' ', '-'), workflow: 'ending', input: { how } }));
  await Promise.all(runs.map((run) => world.start(first, run)));
  await first.fired('work', { runId: 'is-cancelled' });
  await first.call('cancel', 'is-cancelled');
  const reject = (): Promise<string> => first.call('reject', 'denied', 'Ada').then(() => 'rejected', String);
  await expect.poll(reject, PATIENCE).toBe('rejected');
  const statuses = new Map(ENDINGS.map(([how, status]) => [how.replaceAll(' ', '-'), status]));
  await expect.poll(statusesNow, PATIENCE).toEqual(statuses);
  const held = async (): Promise<number[]> => (await first.call('workers')).map((worker) => worker.held);
  await expect.poll(held, PATIENCE).toEqual([0]);
  await world.kill(first);
  const firings = world.firings.length;
  const claimsBefore = await epochs();

  const second = await world.worker({ time: HURRY });
  for (let round = 0; round < 6; round += 1) await second.call('skip', 10_000);
  expect((await second.call('workers')).filter(({ held }) => held > 0)).toEqual([]);
  await second.close();

  expect(world.firings).toHaveLength(firings);
  expect(await judge(world, { statuses })).toMatchObject({ problems: [], lost: 0, repeats: 0 });
  const rows = [...(await readRuns(world)).values()].map(({ row }) => row);
  expect(rows.map(({ holder, dueAt }) => [holder, dueAt])).toEqual(ENDINGS.map(() => [null, null]));
  // Nobody looked at any of them once more. (How often the first process did depends on whether it slept before a retry.)
  expect(await epochs()).toEqual(claimsBefore);
});

async function epochs(): Promise<ReadonlyMap<string, number>> {
  return new Map([...(await readRuns(world)).values()].map(({ row }) => [row.run.runId, row.epoch]));
}

async function statusesNow(): Promise<ReadonlyMap<string, string>> {
  const runs = await world.opened((engine) => engine.runs.list());
  return new Map(runs.map(({ runId, status }) => [runId, status]));
}
