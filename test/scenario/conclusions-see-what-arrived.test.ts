/** A conclusion is held to what was known when it was decided: what is read before it is sent holds it back. */
import { pawl, workflow } from 'pawl';
import { fakePlatform } from 'pawl/testing';
import { expect, onTestFinished, test } from 'vitest';
import { EXTERNAL } from '../../packages/pawl/src/store/index.ts';
import { openBetween } from './support/between-store.ts';
import { closeEngine, START } from './support/opened-engine.ts';
import { privateDatabase } from './support/store-under-test.ts';

const child = workflow({ name: 'child' }, async (ctx) => {
  await ctx.sleep('long', '1h');
});

test('P10: a child that lies down to rest in the moment in which it is cancelled is cancelled, not left asleep', async () => {
  const parent = workflow({ name: 'parent' }, async (ctx) => {
    ctx.workflow(child, undefined).catch(() => undefined);
    return 'returned';
  });
  const engine = await pawl.open({ store: await privateDatabase(), workflows: [parent, child] }); // on real turns: they share a macrotask
  onTestFinished(() => engine.close());
  const run = await engine.start(parent, undefined);
  expect(await run.result()).toBe('returned');
  const runs = await engine.runs.list();
  expect(
    runs
      .map(({ workflow: name, status }) => [name, status])
      .map((pair) => pair.join(' '))
      .toSorted(),
  ).toEqual(['child cancelled', 'parent completed']);
}, 10_000);

test('P10: a cancel that was accepted is never overrun by the end or the rest of its run', async () => {
  const quick = workflow({ name: 'quick' }, async (ctx, steps: number) => {
    for (let step = 0; step < steps; step++) await ctx.step('work', () => step);
    await ctx.sleep('long', '1h');
  });
  const engine = await pawl.open({ store: await privateDatabase(), workflows: [quick] });
  onTestFinished(() => engine.close());
  const ids: string[] = [];
  for (let index = 0; index < 60; index++) {
    const run = await engine.start(quick, index % 3);
    for (let turn = 0; turn < index % 7; turn++) await new Promise((resolve) => setImmediate(resolve));
    await engine.cancel(run.id);
    ids.push(run.id);
  }
  const ends = await Promise.all(
    ids.map((id) =>
      engine
        .handle(id)
        .result()
        .catch((error: Error) => error.message),
    ),
  );
  expect(ends.filter((end) => !String(end).includes('it was cancelled'))).toEqual([]);
}, 10_000);

test('P10: a cancel that comes right before the end of its run still runs its clean-up', async () => {
  const platform = fakePlatform({ startMs: START });
  let cancels = 0;
  const { store } = await openBetween(platform, {
    before: async (batches, inner) => {
      const ends = batches.some(({ conclusion }) =>
        conclusion?.events.some((event) => event.type === 'run.completed'),
      );
      if (!ends || cancels++ > 0) return;
      const run = { tenant: 'default', runId: 'run' };
      const events = [{ type: 'run.cancel_requested', data: {} }] as const;
      await inner.commit([{ run, fence: EXTERNAL, wakes: 'always', events }]);
    },
  });
  const cleaned: string[] = [];
  const onCancel = (): unknown => cleaned.push('cleaned');
  const one = workflow({ name: 'flow', onCancel }, (ctx) => ctx.step('work', () => 1));
  const engine = await pawl.open({ store, workflows: [one], platform });
  const run = await engine.start(one, undefined, { id: 'run' });
  await platform.advance(1_000);
  expect({ status: await run.status(), cleaned, cancels }).toEqual({
    status: 'cancelled',
    cleaned: ['cleaned'],
    cancels: 1,
  });
  await closeEngine({ engine, platform });
});
