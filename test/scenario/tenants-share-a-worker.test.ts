/** Runs of two tenants have the same id, and one worker drives both: what is said of one is not heard by the other. */
import { workflow } from 'pawl';
import { expect, test } from 'vitest';
import { newDatabase, openEngine } from './support/opened-engine.ts';

const echo = workflow({ name: 'echo' }, async (ctx, input: { readonly text: string }) => {
  await ctx.signal('go');
  return input.text;
});

/** Both are driven by the engine of `a`. */
async function twoRuns() {
  const store = newDatabase();
  const a = await openEngine([echo], { store, tenant: 'a' });
  const b = await openEngine([], { store, tenant: 'b', worker: false, seed: 2 });
  const pass = async (ms: number) => {
    for (let spent = 0; spent < ms; spent += 50)
      for (const { platform } of [a, b]) await platform.advance(50);
  };
  const runs = [
    await a.engine.start(echo, { text: 'of a' }, { id: 'order-1' }),
    await b.engine.start('echo', { text: 'of b' }, { id: 'order-1' }),
  ] as const;
  await pass(500);
  const results: unknown[] = ['nothing', 'nothing'];
  for (const [at, run] of runs.entries()) void run.result().then((result) => (results[at] = result));
  return { a, b, pass, results };
}

test('an end is told to those who wait for the run in its tenant', async () => {
  const { a, b, pass, results } = await twoRuns();
  await b.engine.signal('order-1', 'go');
  await pass(500);
  expect([results[0], (await b.engine.runs.get('order-1')).status]).toEqual(['nothing', 'completed']);
  await a.engine.signal('order-1', 'go');
  await pass(6_000);
  expect(results).toEqual(['of a', 'of b']);
});
