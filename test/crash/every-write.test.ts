/** A process is killed right before each single write of its life, from the first of a fresh file to the last of its close. */
import { afterAll, expect, test } from 'vitest';
import { type Engine } from '../../packages/pawl/src/index.ts';
import { judge } from './support/judge.ts';
import { unlessGone, World } from './support/world.ts';

const worlds: World[] = [];
afterAll(() => Promise.all(worlds.map((world) => world.dispose())));

const RUNS = [
  { id: 'chain', workflow: 'chain', input: { steps: 2, ms: 0 } },
  { id: 'tree', workflow: 'tree', input: { items: 2 } },
  { id: 'waiter', workflow: 'waiter', input: { signals: 1 } },
] as const;
const IDS = RUNS.map(({ id }) => id);

/** Lives until its n-th write; resolves with how many writes there were where it came to its end. */
async function live(world: World, dieAtWrite: number): Promise<number | undefined> {
  const worker = await world.worker({ dieAtWrite });
  return await unlessGone(
    (async () => {
      for (const run of RUNS) await world.start(worker, run);
      await worker.fired('before');
      await worker.call('signal', 'waiter', 'go', 'hello', 'hello-1');
      await worker.call('results', IDS);
      const writes = await worker.call('writes');
      await worker.close();
      return writes;
    })(),
  );
}

/** Another process asks for everything once more and drives what is left. */
async function recover(engine: Engine): Promise<void> {
  for (const { id, workflow, input } of RUNS) await engine.start(workflow, input, { id, idempotencyKey: id });
  await engine.signal('waiter', 'go', 'hello', { dedupeId: 'hello-1' });
  await Promise.all(IDS.map((id) => engine.handle(id).result()));
}

async function problemsOfDeathAt(
  write: number,
): Promise<{ readonly problems: readonly string[]; readonly isLast: boolean }> {
  const world = new World();
  worlds.push(world);
  const isLast = (await live(world, write)) !== undefined;
  world.asked.splice(0, world.asked.length, ...RUNS);
  await world.driven(recover);
  const { problems } = await judge(world);
  await world.dispose();
  return { problems: problems.map((problem) => `killed at write ${write}: ${problem}`), isLast };
}

test('J2, J3, P5: killed before any single write, no run is stranded, no event stands without its state, no step is lost', async () => {
  const problems: string[] = [];
  let next = 1;
  let isOver = false;
  const lane = async (): Promise<void> => {
    while (!isOver) {
      const death = await problemsOfDeathAt(next++);
      problems.push(...death.problems);
      isOver ||= death.isLast;
    }
  };
  await Promise.all([lane(), lane()]);
  expect(problems).toEqual([]);
  expect(next).toBeGreaterThan(80); // the sweep was a sweep
});
