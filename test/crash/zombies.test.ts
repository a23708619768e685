/** A process that is stopped, or sleeps, and wakes up late: what it still wants to write is refused. */
import { afterEach, expect, test } from 'vitest';
import { judge, readRuns } from './support/judge.ts';
import { World } from './support/world.ts';

let world: World;
afterEach(() => world.dispose());

const LEASE_MS = 30_000;

/** Moves the time of a process on in steps that are shorter than a heartbeat's round. */
async function skipTo(worker: Awaited<ReturnType<World['worker']>>, ms: number): Promise<void> {
  for (let moved = 0; moved < ms; moved += 2_000) await worker.call('skip', 2_000);
}

/** Resolves when the log of the run holds an event of this type. */
async function recorded(runId: string, type: string): Promise<void> {
  await world.opened(async (engine) => {
    for await (const event of engine.handle(runId).events({ follow: true })) if (event.type === type) return;
  });
}

test('J13, P1: a stopped worker loses its run after its lease; the commit that it makes when it wakes is refused', async () => {
  world = new World();
  const zombie = await world.worker({ holds: true });
  await world.start(zombie, { id: 'contested', workflow: 'held', input: { signals: 1 } });
  await zombie.fired('long');
  await recorded('contested', 'step.started');
  const heir = await world.worker();
  zombie.stop();
  await skipTo(heir, LEASE_MS - 6_000);
  expect(heir.firings).toEqual([]); // stopped is not dead
  await skipTo(heir, 12_000);
  await heir.fired('long', { attempt: 2 });
  await recorded('contested', 'step.completed');
  zombie.continue();
  await zombie.call('release');
  await zombie.heard((line) => line.type === 'log' && line.message.includes('lost to another holder'));
  await zombie.call('signal', 'contested', 'go', 'hello', 'hello-1'); // as an outsider it is welcome
  const output = await heir.call('results', ['contested']);
  await world.start(zombie, { id: 'next', workflow: 'chain', input: { steps: 3, ms: 0 } }); // it goes on with other work
  await zombie.call('results', ['next']);
  await Promise.all([zombie.close(), heir.close()]);

  expect(output).toEqual([[`by ${heir.pid}`, 'hello']]);
  expect(await judge(world)).toMatchObject({ problems: [], lost: 1 });
  const contested = (await readRuns(world)).get('contested');
  expect(contested?.row.epoch).toBe(2);
  expect(contested?.events.filter(({ type }) => type === 'step.completed')).toHaveLength(1);
});
