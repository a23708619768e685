/** Engines on a store over several clusters: families stay together, and a cluster that is away holds up its own runs alone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Engine, parseGraph, pawl, workflow } from '../../packages/pawl/src/index.ts';
import { openShardedStore, openPostgresStore } from '../../packages/pawl/src/postgres.ts';
import { openSqliteStore } from '../../packages/pawl/src/sqlite.ts';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';
import type { Store } from '../../packages/pawl/src/store/index.ts';
import { AwayStore } from '../contract/away-store.ts';
import { dropDatabase, newDatabase } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';

const platform = nodePlatform({ log: () => undefined });
const quiet = { log: () => undefined };
const IDS = Array.from({ length: 24 }, (_, index) => `order-${index}`);
const engines: Engine[] = [];

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
});

/** Three clusters, in memory or in files that others open too; any of them can go away. */
async function threeClusters(folder?: string) {
  const aways: AwayStore[] = [];
  for (let index = 0; index < 3; index += 1) {
    const path = folder === undefined ? ':memory:' : join(folder, `${index}.db`);
    aways.push(new AwayStore(await openSqliteStore({ ...platform, path })));
  }
  const store = await openShardedStore({ ...platform, stores: aways.map((away) => away.store) });
  return { aways, store };
}

const leaf = workflow({ name: 'leaf' }, async (ctx, input: { n: number }) => {
  await ctx.step('half', () => input.n);
  return await ctx.step('double', () => input.n * 2);
});

const family = workflow({ name: 'family' }, async (ctx, input: { n: number }) => {
  const children = await Promise.all(
    [1, 2].map((k) => ctx.workflow(leaf, { n: input.n * k }, { name: `c${k}` })),
  );
  const more = await ctx.signal<number>('more');
  if (more === 0) return children;
  return await ctx.continueAsNew({ n: more ?? 0 });
});

const gated = workflow({ name: 'gated' }, async (ctx) => {
  await ctx.step('before', () => 1);
  await ctx.signal('go');
  return await ctx.step('behind', () => 2);
});

async function open(store: Store): Promise<Engine> {
  const engine = await pawl.open({ store, workflows: [family, leaf, gated], logger: quiet });
  engines.push(engine);
  return engine;
}

/** Which cluster has each of the runs. */
async function placesOf(aways: readonly AwayStore[], ids: readonly string[]): Promise<Set<number>[]> {
  return await Promise.all(
    ids.map(async (id) => {
      const rows = await Promise.all(aways.map(({ store }) => store.getRun('default', id)));
      return new Set(rows.flatMap((row, index) => (row === undefined ? [] : [index])));
    }),
  );
}

describe('a family', () => {
  test('stands on one cluster with its children and with what it goes on as, and ends as on one store', async () => {
    const { aways, store } = await threeClusters();
    const engine = await open(store);
    const runs = await Promise.all(IDS.map((id, n) => engine.start(family, { n }, { id })));
    for (const run of runs) {
      await engine.signal(run.id, 'more', 100);
      await engine.signal(run.id, 'more', 0);
    }
    const results = await Promise.all(runs.map((run) => run.result()));
    expect(new Set(results.map((result) => JSON.stringify(result)))).toEqual(new Set(['[200,400]']));
    const all = await Promise.all(
      aways.map(async (away) => await away.store.listRuns({ tenant: 'default', limit: 1_000 })),
    );
    expect(all.flat().length).toBe(24 * 6); // two generations of three
    for (const rows of all) {
      expect(rows.length).toBeGreaterThan(0);
      const here = new Set(rows.map(({ run }) => run.runId));
      expect(rows.filter((row) => !here.has(row.rootRunId))).toEqual([]);
    }
    const listed: string[] = [];
    for (let before: string | undefined; ; ) {
      const page = await engine.runs.list({ limit: 50, ...(before ? { before } : {}) });
      listed.push(...page.map(({ runId }) => runId));
      before = page.at(-1)?.runId;
      if (page.length < 50 || before === undefined) break;
    }
    expect(new Set(listed).size).toBe(24 * 6);
    expect(listed.length).toBe(24 * 6);
  });
});

describe('a cluster that is away', () => {
  test.each([{ fate: 'refuses' }, { fate: 'silent' }] as const)(
    'and $fate holds up its own runs alone, and they go on when it is back',
    async ({ fate }) => {
      const { aways, store } = await threeClusters();
      const engine = await open(store);
      const runs = await Promise.all(IDS.map((id) => engine.start(gated, {}, { id })));
      await expect
        .poll(async () => (await store.listWaits({ tenant: 'default', limit: 99 })).length)
        .toBe(24);
      const places = await placesOf(aways, IDS);
      const isGone = (at: number): boolean => places[at]?.has(1) === true;
      const [here, gone] = [runs.filter((_run, at) => !isGone(at)), runs.filter((_run, at) => isGone(at))];
      expect(gone.length).toBeGreaterThan(2);
      aways[1]?.goes(fate);
      const late = gone.map(async (run) => {
        // a signal finds no taker as long as its cluster is away: whoever sends it tries again
        for (;;) {
          try {
            return await engine.signal(run.id, 'go', null, { dedupeId: run.id });
          } catch {
            await new Promise<void>((resolve) => void platform.setTimer(50, resolve));
          }
        }
      });
      await Promise.all(here.map((run) => engine.signal(run.id, 'go')));
      expect(await Promise.all(here.map((run) => run.result()))).toEqual(here.map(() => 2));
      aways[1]?.returns();
      await Promise.all(late);
      expect(await Promise.all(gone.map((run) => run.result()))).toEqual(gone.map(() => 2));
    },
  );
});

test('a worker without one of its clusters hears what others say to the runs that it drives on the rest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-clusters-'));
  const { aways, store } = await threeClusters(folder);
  const { store: elsewhere } = await threeClusters(folder);
  const heard = new Set<string>();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const busy = workflow({ name: 'busy' }, async (ctx) => {
    const listen = async () => {
      await ctx.signal('go');
      await ctx.step('hear', () => void heard.add(ctx.runId));
    };
    await Promise.all([ctx.step('long', () => released), listen()]);
  });
  const worker = await pawl.open({ store, workflows: [busy], logger: quiet });
  const client = await pawl.open({ store: elsewhere, logger: quiet });
  engines.push(client, worker);
  const ids = IDS.slice(0, 8);
  await Promise.all(ids.map((id) => worker.start(busy, {}, { id })));
  await expect.poll(async () => (await store.listWaits({ tenant: 'default', limit: 99 })).length).toBe(8);
  const places = await placesOf(aways, ids);
  const here = ids.filter((_id, at) => places[at]?.has(1) === false);
  aways[1]?.goes('refuses');
  for (const id of here) await client.signal(id, 'go');
  await expect.poll(() => heard.size, { timeout: 4_000 }).toBe(here.length);
  aways[1]?.returns();
  release();
  for (const engine of engines.splice(0)) await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a worker outside', () => {
  const outside = parseGraph(`
pawl: 1
workflow: outside
version: "1"
steps:
  score: { kind: function, with: { function: score, input: {} }, queue: python }
output: steps.score.output
`);

  /** A run that waits for it, and the clusters on which it does not stand. */
  async function oneRun() {
    const { aways, store } = await threeClusters();
    const engine = await pawl.open({
      store,
      workflows: [outside],
      worker: { queues: ['general'] },
      logger: quiet,
    });
    engines.push(engine);
    const { id } = await engine.start('outside', null);
    const [places] = await placesOf(aways, [id]);
    const claim = async () =>
      (await engine.tasks.claim({ worker: 'py-1', kinds: ['function:score'], wait: '5s' }))?.token ?? '';
    return { engine, claim, run: engine.handle(id), others: aways.filter((_away, at) => !places?.has(at)) };
  }

  test('is heard while another cluster than that of its run is away', async () => {
    const { engine, claim, run, others } = await oneRun();
    const token = await claim();
    others[0]?.goes('refuses');
    expect(await engine.tasks.heartbeat(token)).toEqual({ isCancelled: false });
    await engine.tasks.complete(token, 7);
    others[0]?.returns();
    expect(await run.result()).toBe(7);
  });

  test('that came while another cluster was away keeps its attempt when that one is back', async () => {
    const { engine, claim, run, others } = await oneRun();
    others[0]?.goes('refuses');
    const token = await claim();
    others[0]?.returns();
    expect(await engine.tasks.heartbeat(token)).toEqual({ isCancelled: false });
    await engine.tasks.complete(token, 7);
    expect(await run.result()).toBe(7);
  });

  test('whose token names a cluster that is not there hears that it is no token', async () => {
    const { engine, claim } = await oneRun();
    const known = JSON.parse(Buffer.from(await claim(), 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...known, num: 1_023 })).toString('base64url');
    await expect(engine.tasks.complete(forged, 7)).rejects.toMatchObject({ code: 'TASK_TOKEN_INVALID' });
  });
});

describe.skipIf(!hasPostgres())('clusters of PostgreSQL', () => {
  test('are named by their URLs, in one order for ever', async () => {
    const urls = [await newDatabase(), await newDatabase()];
    const openAt = async (store: string) => {
      const engine = await pawl.open({ store, workflows: [family, leaf, gated], logger: quiet });
      engines.push(engine);
      return engine;
    };
    const engine = await openAt(urls.join(','));
    const runs = await Promise.all(IDS.map((id, n) => engine.start(family, { n }, { idempotencyKey: id })));
    for (const run of runs) await engine.signal(run.id, 'more', 0);
    expect(await Promise.all(runs.map((run) => run.result()))).toEqual(IDS.map((_id, n) => [n * 2, n * 4]));
    const other = await openAt(urls.join(','));
    const again = await Promise.all(IDS.map((id, n) => other.start(family, { n }, { idempotencyKey: id })));
    expect(again.map(({ id }) => id)).toEqual(runs.map(({ id }) => id));
    const differ = { code: 'SHARDS_DIFFER' };
    await expect(openAt(urls.toReversed().join(','))).rejects.toMatchObject(differ);
    await expect(openAt(urls[0] ?? '')).rejects.toMatchObject(differ);
    for (const one of engines.splice(0)) await one.close();
    const alone = await Promise.all(urls.map((url) => openPostgresStore({ ...platform, url })));
    const counts = await Promise.all(
      alone.map(async (store) => (await store.listRuns({ tenant: 'default', limit: 1_000 })).length),
    );
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(counts.reduce((a, b) => a + b)).toBe(24 * 3);
    for (const store of alone) await store.close();
    for (const url of urls) await dropDatabase(url);
  });
});
