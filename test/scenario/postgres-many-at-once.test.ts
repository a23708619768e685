/** Two groups of commits under way at once: every run gets all of its steps, each once, in their order. */
import { type Engine, pawl, workflow } from 'pawl';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dropDatabase, newDatabase } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';

/** More than fit in one group: it is sent in halves. */
const RUNS = 200;
/** So often each of these stands in the log of a run. */
const COUNTS = { 'run.created': 1, 'step.completed': 3, 'signal.received': 1, 'run.completed': 1 };

let store = '';
const engines: Engine[] = [];

beforeAll(async () => {
  if (hasPostgres()) store = await newDatabase('nothing');
});
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});
afterAll(async () => {
  if (hasPostgres()) await dropDatabase(store);
});

describe.skipIf(!hasPostgres())('two hundred runs at once', () => {
  test('do all of their steps, once each and in order, in one process', async () => {
    const fired = new Map<string, number>();
    const fire = (step: string, n: number): number => {
      fired.set(`${step} ${n}`, (fired.get(`${step} ${n}`) ?? 0) + 1);
      return n;
    };
    const busy = workflow({ name: 'busy' }, async (ctx, { n }: { n: number }) => {
      const first = await ctx.step('first', () => fire('first', n));
      const second = await ctx.step('second', () => fire('second', first + 1));
      const text = await ctx.signal<string>('go');
      return await ctx.step('third', () => `${text} ${fire('third', second + 1)}`);
    });
    const engine = await pawl.open({ store, workflows: [busy] });
    engines.push(engine);
    const numbers = Array.from({ length: RUNS }, (_, n) => n);
    const runs = await Promise.all(numbers.map((n) => engine.start(busy, { n })));
    await Promise.all(runs.map((run) => engine.signal(run.id, 'go', 'went')));
    const outputs = await Promise.all(runs.map((run) => run.result()));
    expect(outputs).toEqual(numbers.map((n) => `went ${n + 2}`));
    expect([...fired.values()].filter((count) => count !== 1)).toEqual([]);
    expect(fired.size).toBe(3 * RUNS);
    for (const run of runs) {
      const events: { seq: number; type: string }[] = [];
      for await (const event of run.events()) events.push(event);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
      for (const [type, count] of Object.entries(COUNTS))
        expect(events.filter((event) => event.type === type)).toHaveLength(count);
    }
  });
});
