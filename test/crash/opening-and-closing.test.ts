/** Processes that die while they open a fresh file together, and while they close. */
import { afterEach, expect, test } from 'vitest';
import { PATIENCE } from './support/patience.ts';
import { judge, readRuns } from './support/judge.ts';
import { unlessGone, World } from './support/world.ts';

let world: World;
afterEach(() => world.dispose());

/** More than the transactions that a process makes before it is open. */
const MOMENTS = 12;

test('three processes that open a fresh file at once, and all die at the same moment of it, leave a file that the next one opens', async () => {
  for (let moment = 1; moment <= MOMENTS; moment += 1) {
    world = new World();
    const openers = [1, 2, 3].map(() => world.spawn({ dieAtMoment: moment }));
    await Promise.all(openers.map((opener) => unlessGone(opener.ready())));
    await Promise.all(openers.map((opener) => world.kill(opener)));
    await world.driven(async (engine) => {
      await (await engine.start('chain', { steps: 2, ms: 0 }, { id: 'after' })).result();
    });
    expect((await judge(world)).problems).toEqual([]);
    await world.dispose();
  }
});

test('a process that is killed while it closes leaves its runs to the next one, six times in a row without a strike', async () => {
  world = new World();
  for (let round = 0; round < 6; round += 1) {
    const worker = await world.worker({ holds: true });
    await world.start(worker, { id: 'unlucky', workflow: 'held', input: { signals: 0 } });
    await worker.fired('long');
    const closing = worker.close().catch(() => 'killed');
    await expect
      .poll(
        () => world.opened(async (engine) => (await engine.workers()).map(({ draining }) => draining)),
        PATIENCE,
      )
      .toEqual([true]);
    await world.kill(worker);
    expect(await closing).toBe('killed');
  }
  const output = await world.driven((engine) => engine.handle('unlucky').result());

  expect(output).toEqual([`by ${process.pid}`]);
  expect((await judge(world)).problems).toEqual([]);
  expect((await readRuns(world)).get('unlucky')?.firings).toHaveLength(7);
});
