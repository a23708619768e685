/** What one process commits wakes the other one at once: with every poll taken away, nothing stands still. */
import { expect, test } from 'vitest';
import { judge } from './support/judge.ts';
import { inBothPlaces } from './support/places.ts';
import { unlessGone } from './support/world.ts';

/** Polls, beats and looks for the dead never come: whatever happens was brought about by a commit. */
const NO_POLLS = { noTimersFrom: 400 } as const;
const HOPS = 100;

inBothPlaces((newWorld) => {
  test('J6: a signal from one process reaches a run that another one drives, a hundred times in a row, without a poll', async () => {
    const world = await newWorld();
    const driver = await world.worker({ time: NO_POLLS });
    const client = await world.worker({ isClient: true, time: NO_POLLS });
    await world.start(driver, { id: 'resting', workflow: 'waiter', input: { signals: HOPS } });
    await driver.fired('before');
    for (let hop = 0; hop < HOPS; hop += 1) {
      await client.call('signal', 'resting', hop, `hop-${hop}`);
      await driver.fired(`got${hop}`);
    }
    const [output] = await driver.call('results', ['resting']);
    await Promise.all([driver.close(), client.close()]);

    expect(output).toEqual(Array.from({ length: HOPS }, (_, hop) => hop));
    expect((await judge(world)).problems).toEqual([]);
  });

  test('J6: a run that is held in memory takes the signals of another process while one of its steps goes on', async () => {
    const world = await newWorld();
    const driver = await world.worker({ time: NO_POLLS, holds: true });
    const client = await world.worker({ isClient: true, time: NO_POLLS });
    await world.start(driver, { id: 'busy', workflow: 'held', input: { signals: 20 } });
    await driver.fired('long');
    for (let hop = 0; hop < 20; hop += 1) {
      await client.call('signal', 'busy', hop, `hop-${hop}`);
      await driver.fired(`got${hop}`);
    }
    await driver.call('release');
    const [output] = await driver.call('results', ['busy']);
    await Promise.all([driver.close(), client.close()]);

    expect(output).toEqual([`by ${driver.pid}`, ...Array.from({ length: 20 }, (_, hop) => hop)]);
    expect((await judge(world)).problems).toEqual([]);
  });

  test('J6: a run that one process starts is driven by another one, and its result known to the first, without a poll', async () => {
    const world = await newWorld();
    const driver = await world.worker({ time: NO_POLLS });
    const client = await world.worker({ isClient: true, time: NO_POLLS });
    for (let index = 0; index < 20; index += 1) {
      const run = { id: `asked-${index}`, workflow: 'chain', input: { steps: 2, ms: 0 } };
      await world.start(client, run);
      expect(await client.call('results', [run.id])).toEqual([1]);
    }
    await Promise.all([driver.close(), client.close()]);

    expect(await judge(world)).toMatchObject({ problems: [], firings: 40, repeats: 0 });
  });
});

inBothPlaces((newWorld) => {
  test('P10: a signal that comes while the run decides to rest wakes it: the decision does not apply', async () => {
    const world = await newWorld();
    const driver = await world.worker({ stopsAt: 'rest', time: NO_POLLS });
    const client = await world.worker({ isClient: true, time: NO_POLLS });
    await world.start(driver, { id: 'early', workflow: 'waiter', input: { signals: 1 }, output: ['hello'] });
    await world.recorded('early', 'wait.opened');
    // "Nothing to do" is on its way to the store; the signal is faster.
    await client.call('signal', 'early', 'hello', 'hello-1');
    await driver.call('letCommits');
    await driver.fired('got0');
    await driver.call('results', ['early']);
    await Promise.all([driver.close(), client.close()]);

    expect(await judge(world)).toMatchObject({ problems: [], repeats: 0 });
  });

  test('P10: a signal that comes while the run decides to rest is found by the next process, where its own dies of the decision', async () => {
    const world = await newWorld();
    const driver = await world.worker({ stopsAt: 'rest', diesAtRest: true, time: NO_POLLS });
    const client = await world.worker({ isClient: true, time: NO_POLLS });
    await world.start(driver, { id: 'early', workflow: 'waiter', input: { signals: 1 }, output: ['hello'] });
    await world.recorded('early', 'wait.opened');
    await client.call('signal', 'early', 'hello', 'hello-1');
    await unlessGone(driver.call('letCommits'));
    await driver.gone;
    const next = await world.worker();
    await next.call('results', ['early']);
    await Promise.all([next.close(), client.close()]);

    expect((await judge(world)).problems).toEqual([]);
  });
});
