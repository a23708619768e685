/** A process is killed before and after each single transaction of its life, from the first of a fresh file to the last of its close. */
import { expect, test } from 'vitest';
import { type Life, sweep } from './support/sweep.ts';

const RUNS = [
  { id: 'chain', workflow: 'chain', input: { steps: 2, ms: 0 } },
  { id: 'tree', workflow: 'tree', input: { items: 2 } },
  { id: 'waiter', workflow: 'waiter', input: { signals: 1 }, output: ['hello'] },
] as const;
const IDS = RUNS.map(({ id }) => id);

const life: Life = {
  runs: RUNS,
  live: async (world, worker) => {
    for (const run of RUNS) await world.start(worker, run);
    await worker.fired('before');
    await worker.call('signal', 'waiter', 'hello', 'hello-1');
    await worker.call('results', IDS);
  },
  recover: async (engine) => {
    for (const { id, workflow, input } of RUNS)
      await engine.start(workflow, input, { id, idempotencyKey: id });
    await engine.signal('waiter', 'go', 'hello', { dedupeId: 'hello-1' });
    await Promise.all(IDS.map((id) => engine.handle(id).result()));
  },
};

test('J2, J3, P5: whenever it is killed, no run is stranded, no event stands without its state, no step is lost', async () => {
  const { problems, lives } = await sweep(life);
  expect(problems).toEqual([]);
  expect(lives).toBeGreaterThan(40); // the sweep was a sweep
});
