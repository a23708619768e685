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

test('J1: two processes that claim from the same 200 runs never drive one run both', async () => {
  world = new World();
  const client = await world.worker({ isClient: true });
  const runs = Array.from({ length: 200 }, (_, index) => ({
    id: `run-${index}`,
    workflow: 'chain',
    input: { steps: 2, ms: 0 },
  }));
  await Promise.all(runs.map((run) => world.start(client, run)));
  const workers = await Promise.all([1, 2].map(() => world.worker({ runs: 10, time: HURRY })));
  await client.call(
    'results',
    runs.map(({ id }) => id),
  );
  await Promise.all([client, ...workers].map((worker) => worker.close()));

  expect(await judge(world)).toMatchObject({ problems: [], firings: 400, repeats: 0, lost: 0 });
  const shares = workers.map(({ pid }) => world.firings.filter((firing) => firing.pid === pid).length);
  expect(Math.min(...shares)).toBeGreaterThan(0); // they did race
});
