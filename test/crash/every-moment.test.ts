/** A process is killed before and after each single transaction of its life, from the first of a fresh file to the last of its close. */
import { afterAll, expect, test } from 'vitest';
import type { Engine } from '../../packages/pawl/src/index.ts';
import { judge } from './support/judge.ts';
import { unlessGone, World } from './support/world.ts';

const worlds: World[] = [];
afterAll(() => Promise.all(worlds.map((world) => world.dispose())));

const RUNS = [
  { id: 'chain', workflow: 'chain', input: { steps: 2, ms: 0 } },
  { id: 'tree', workflow: 'tree', input: { items: 2 } },
  { id: 'waiter', workflow: 'waiter', input: { signals: 1 }, output: ['hello'] },
] as const;
const IDS = RUNS.map(({ id }) => id);

/** Lives until its n-th moment; true where it came to its end. */
async function livesUntil(world: World, moment: number): Promise<boolean> {
  const worker = await world.worker({ dieAtMoment: moment });
  const life = async (): Promise<true> => {
    for (const run of RUNS) await world.start(worker, run);
    await worker.fired('before');
    await worker.call('signal', 'waiter', 'hello', 'hello-1');
    await worker.call('results', IDS);
    await worker.close();
    return true;
  };
  const hasEnded = await unlessGone(life());
  return hasEnded === true && (await worker.gone).signal === null;
}

/** Another process asks for everything once more and drives what is left. */
async function recover(engine: Engine): Promise<void> {
  for (const { id, workflow, input } of RUNS) await engine.start(workflow, input, { id, idempotencyKey: id });
  await engine.signal('waiter', 'go', 'hello', { dedupeId: 'hello-1' });
  await Promise.all(IDS.map((id) => engine.handle(id).result()));
}

interface Outcome {
  readonly isLast: boolean;
  readonly problems: readonly string[];
}

async function outcomeOfDeathAt(moment: number): Promise<Outcome> {
  const world = new World();
  worlds.push(world);
  const isLast = await livesUntil(world, moment);
  world.asked.splice(0, world.asked.length, ...RUNS);
  await world.driven(recover);
  const { problems } = await judge(world);
  await world.dispose();
  return { problems: problems.map((problem) => `killed at moment ${moment}: ${problem}`), isLast };
}

test('J2, J3, P5: whenever it is killed, no run is stranded, no event stands without its state, no step is lost', async () => {
  const problems: string[] = [];
  let next = 1;
  let isOver = false;
  const lane = async (): Promise<void> => {
    while (!isOver) {
      const outcome = await outcomeOfDeathAt(next++);
      problems.push(...outcome.problems);
      isOver ||= outcome.isLast;
    }
  };
  await Promise.all([lane(), lane()]);
  expect(problems).toEqual([]);
  expect(next).toBeGreaterThan(40); // the sweep was a sweep
});
