/** Runs that ended long ago are removed, and nothing that somebody may still need. */
import { workflow } from 'pawl';
import { describe, expect, test } from 'vitest';
import { newDatabase, openEngine } from './support/opened-engine.ts';
import { codeOf } from './support/run-log.ts';

const MINUTE_MS = 60_000;
/** A worker has looked by then. */
const LOOK_MS = 70 * MINUTE_MS;
const child = workflow({ name: 'child' }, (ctx) => ctx.step('a', () => 1));
const parent = workflow({ name: 'parent' }, async (ctx) => {
  await ctx.workflow(child, null);
  return await ctx.signal('go');
});

async function idsOf({ runs }: Awaited<ReturnType<typeof openEngine>>['engine']): Promise<string[]> {
  return (await runs.list()).map(({ runId }) => runId).toSorted();
}

describe('retention', () => {
  test('P14 removes what ended so long ago, hour by hour, and no run whose parent lives', async () => {
    const { engine, platform } = await openEngine([child, parent], { worker: { retention: '30m' } });
    await engine.start(child, null, { id: 'old' });
    await engine.start(parent, null, { id: 'waits' });
    await platform.advance(10 * MINUTE_MS);
    expect(await idsOf(engine)).toHaveLength(3);
    await platform.advance(LOOK_MS - 20 * MINUTE_MS);
    await engine.start(child, null, { id: 'young' });
    await platform.advance(20 * MINUTE_MS);
    expect((await idsOf(engine)).filter((id) => !id.includes('-'))).toEqual(['waits', 'young']);
    await engine.signal('waits', 'go', 1);
    await engine.start(child, null, { id: 'newest' });
    await platform.advance(30 * MINUTE_MS + LOOK_MS);
    expect(await idsOf(engine)).toEqual(['newest']);
    expect(platform.lines.some(({ message }) => message.includes('past their retention'))).toBe(true);
  });

  test('removes nothing where nobody asked for it', async () => {
    const { engine, platform } = await openEngine([child]);
    await engine.start(child, null, { id: 'old' });
    await engine.start(child, null, { id: 'newest' });
    await platform.advance(LOOK_MS);
    expect(await idsOf(engine)).toEqual(['newest', 'old']);
  });

  test('by hand removes the runs of its own tenant alone', async () => {
    const store = newDatabase();
    const red = await openEngine([child], { store, tenant: 'red' });
    const blue = await openEngine([child], { store, tenant: 'blue', seed: 2 });
    for (const { engine } of [red, blue]) await engine.start(child, null, { id: 'old' });
    for (const { platform } of [red, blue]) await platform.advance(2 * MINUTE_MS);
    await blue.engine.start(child, null, { id: 'newest' });
    await blue.platform.advance(100);
    const pruning = red.engine.prune({ olderThan: '1m' });
    await red.platform.advance(1_000);
    expect(await pruning).toBe(1);
    expect([await idsOf(red.engine), await idsOf(blue.engine)]).toEqual([[], ['newest', 'old']]);
  });

  test.each([
    [undefined, 'OPTION_INVALID'],
    ['soon', 'DURATION_INVALID'],
  ])('is refused with the age %s: %s', async (olderThan, code) => {
    const { engine } = await openEngine([child]);
    expect(await codeOf(() => engine.prune({ olderThan } as { olderThan: string }))).toBe(code);
    expect(await codeOf(() => openEngine([child], { worker: { retention: 'soon' } }))).toBe(
      'DURATION_INVALID',
    );
  });
});
