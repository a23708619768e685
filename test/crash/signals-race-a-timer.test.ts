/** Several signals race one timer, and the process dies at any moment of it: what was decided stays decided. */
import { expect, test } from 'vitest';
import { type Life, sweep } from './support/sweep.ts';

/** The timer is over before the signals come, at about the same time, and long after them. */
const RUNS = [1, 15, 600_000].map((limitMs) => ({
  id: `within-${limitMs}`,
  workflow: 'racer',
  input: { limitMs },
  output: ['from the left', 'from the right'],
}));
const IDS = RUNS.map(({ id }) => id);
const SIDES = ['left', 'right'] as const;

const life: Life = {
  runs: RUNS,
  live: async (world, worker) => {
    await Promise.all(RUNS.map((run) => world.start(worker, run)));
    for (const id of IDS)
      for (const side of SIDES) await worker.call('signalNamed', id, side, `from the ${side}`);
    await worker.call('results', IDS);
  },
  recover: async (engine) => {
    for (const { id, workflow, input } of RUNS)
      await engine.start(workflow, input, { id, idempotencyKey: id });
    for (const id of IDS)
      for (const side of SIDES) await engine.signal(id, side, `from the ${side}`, { dedupeId: side });
    await Promise.all(IDS.map((id) => engine.handle(id).result()));
  },
};

test('P3: whenever it is killed, one side of the race wins for good, and no signal is lost', async () => {
  const winners: string[] = [];
  const { problems, lives } = await sweep(life, ({ firings }) => {
    for (const id of IDS) {
      const won = new Set(
        firings.filter(({ runId, path }) => runId === id && path !== 'after').map(({ path }) => path),
      );
      winners.push([...won].join(' and '));
    }
  });
  expect(problems).toEqual([]);
  expect(new Set(winners)).toEqual(new Set(['signals', 'timer']));
  expect(lives).toBeGreaterThan(40);
});
