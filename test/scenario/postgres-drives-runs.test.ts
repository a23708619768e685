/** The whole engine on PostgreSQL: the same workflows as on a file, in one process and handed from one to the next. */
import { type AnyWorkflow, type Clock, type Engine, pawl, workflow } from 'pawl';
import { openPostgresStore } from 'pawl/postgres';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { nodePlatform } from '../../packages/pawl/src/engine/index.ts';
import { dropDatabase, newDatabase } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';

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

async function open(workflows: readonly AnyWorkflow[] = []): Promise<Engine> {
  const engine = await pawl.open({ store, workflows: [...workflows] });
  engines.push(engine);
  return engine;
}

const review = workflow(
  { name: 'review', input: z.object({ ref: z.string().default('HEAD~1') }) },
  async (ctx, { ref }) => {
    const diff = await ctx.shell('diff', ['echo', ref]);
    const { types, lint } = await ctx.parallel('checks', {
      types: (c) => c.shell('types', 'true'),
      lint: (c) => c.shell('lint', 'exit 1', { allowExit: [1] }),
    });
    const { by } = await ctx.approval('ship', { message: `Ship ${ref}?`, args: { diff: diff.stdout } });
    return { by, types: types.exitCode, lint: lint.exitCode };
  },
);

const letters = workflow({ name: 'letters' }, async (ctx, input: { readonly count: number }) => {
  const made = await ctx.map('make', Array.from({ length: input.count }), (_item, c) => c.uuid());
  await ctx.sleep('rest', '10ms');
  const answer = await ctx.signal('go', z.object({ text: z.string() }), { timeout: '1m' });
  const child = await ctx.workflow(shout, { text: answer?.text ?? '' });
  return { made: new Set(made).size, child };
});

let isBroken = true;
const shout = workflow({ name: 'shout' }, async (ctx, input: { readonly text: string }) =>
  ctx.step(
    'shout',
    () => {
      if (isBroken) {
        isBroken = false;
        throw new Error('hoarse');
      }
      return input.text.toUpperCase();
    },
    { retry: { attempts: 2, initial: '5ms' } },
  ),
);

const nap = workflow({ name: 'nap' }, async (ctx) => {
  const before = ctx.now().getTime();
  await ctx.sleep('nap', '50ms');
  return ctx.now().getTime() - before;
});

describe.skipIf(!hasPostgres())('an engine on PostgreSQL', () => {
  test('runs the first example, and its approval comes from another engine', async () => {
    const [engine, person] = [await open([review]), await open()];
    const run = await engine.start(review, {});
    await vi.waitFor(async () => expect(await person.waits({ runId: run.id })).toHaveLength(1), 5_000);
    await person.approve(run.id, 'ship', { by: 'ada' });
    expect(await run.result()).toEqual({ by: 'ada', types: 0, lint: 1 });
    expect(await person.handle(run.id).result()).toEqual({ by: 'ada', types: 0, lint: 1 });
  });

  test('maps, sleeps, hears a signal, tries again and has children', async () => {
    const engine = await open([letters, shout]);
    const run = await engine.start(letters, { count: 20 });
    await engine.signal(run.id, 'go', { text: 'hello' });
    expect(await run.result()).toEqual({ made: 20, child: 'HELLO' });
    const runs = await engine.runs.list({ limit: 10 });
    expect(runs.find(({ runId }) => runId === run.id)?.status).toBe('completed');
  });

  test('hands a run to the next engine, and nothing recorded fires again', async () => {
    const fired: string[] = [];
    const relay = workflow({ name: 'relay' }, async (ctx) => {
      await ctx.step('first', () => fired.push('first'));
      await ctx.signal('go', z.unknown());
      return await ctx.step('second', () => fired.push('second'));
    });
    const first = await open([relay]);
    const { id } = await first.start(relay, undefined);
    await vi.waitFor(async () => expect(await first.waits({ runId: id })).toHaveLength(1), 5_000);
    await first.close();
    const next = await open([relay]);
    await next.signal(id, 'go', {});
    expect(await next.handle(id).result()).toBe(2);
    expect(fired).toEqual(['first', 'second']);
  });

  test.each([-1, 1])('goes by the time of the server, where its own is wrong by %s h', async (hours) => {
    const own = nodePlatform();
    const clock: Clock = { ...own.clock, now: () => own.clock.now() + hours * 3_600_000 };
    const platform = { ...own, clock };
    const engine = await pawl.open({
      store: await openPostgresStore({ ...platform, url: store, hasServerClock: true }),
      workflows: [nap],
      platform,
    });
    engines.push(engine);
    const run = await engine.start(nap, undefined);
    const slept = await run.result();
    expect(slept).toBeGreaterThanOrEqual(50);
    expect(slept).toBeLessThan(3_600_000);
  });
});
