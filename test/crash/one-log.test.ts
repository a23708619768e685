/** Several processes write one log at the same moment; it stays one log. */
import { afterEach, expect, test } from 'vitest';
import { judge, readRuns } from './support/judge.ts';
import { HURRY } from './support/storm.ts';
import { unlessGone, World } from './support/world.ts';

let world: World;
afterEach(() => world.dispose());

const SIGNALS = 90;

test('J1: three processes write to one run at once, one of them is killed: its log has no gap, and each message counts once', async () => {
  world = new World();
  const [driver, client, victim] = await Promise.all([
    world.worker({ time: HURRY }),
    world.worker({ isClient: true }),
    world.worker({ isClient: true }),
  ]);
  await world.start(driver, { id: 'shared', workflow: 'waiter', input: { signals: SIGNALS } });
  const numbers = Array.from({ length: SIGNALS }, (_, index) => index);
  const send = (from: typeof driver, index: number): Promise<unknown> =>
    unlessGone(from.call('signal', 'shared', index, `message-${index}`));
  const senders = [driver, client, victim] as const;
  const sending = numbers.map((index) => send(senders[index % 3] as typeof driver, index));
  await driver.fired('got10');
  await world.kill(victim);
  await Promise.all(sending);
  // What the dead process had under way is sent again, under the same ids.
  await Promise.all(numbers.map((index) => send(client, index)));
  const [output] = (await driver.call('results', ['shared'])) as [number[]];
  await Promise.all([driver.close(), client.close()]);

  expect(output.toSorted((a, b) => a - b)).toEqual(numbers);
  expect(await judge(world)).toMatchObject({ problems: [], repeats: 0 });
  const events = (await readRuns(world)).get('shared')?.events ?? [];
  const sent = events.filter(({ type }) => type === 'signal.received').map(({ payload }) => Number(payload));
  expect(output).toEqual(sent); // in the order of the log
});

test('J1: three processes that race for the same runs get each one for themselves, and never one run both', async () => {
  world = new World();
  const client = await world.worker({ isClient: true });
  const places = 20;
  const workers = await Promise.all(
    [1, 2, 3].map(() => world.worker({ runs: places, holds: true, time: HURRY })),
  );
  // One commit wakes all three, and no run ends before all of them are taken: each must have filled its places.
  const runs = Array.from({ length: 3 * places }, (_, index) => ({
    id: `run-${index}`,
    workflow: 'held',
    input: { signals: 0 },
  }));
  await Promise.all(runs.map((run) => world.start(client, run)));
  await Promise.all(workers.map((worker) => worker.heard(() => worker.firings.length === places)));
  await Promise.all(workers.map((worker) => worker.call('release')));
  await client.call(
    'results',
    runs.map(({ id }) => id),
  );
  await Promise.all([client, ...workers].map((worker) => worker.close()));

  expect(await judge(world)).toMatchObject({ problems: [], firings: 3 * places, repeats: 0, lost: 0 });
});
