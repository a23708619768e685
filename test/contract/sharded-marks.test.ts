/** Clusters know which of how many they are: a store that lacks one, or has them in another order, is not opened. */
import { expect, test } from 'vitest';
import type { Store } from '../../packages/pawl/src/store/index.ts';
import { refuseShard } from '../../packages/pawl/src/store/sharded/index.ts';
import { start } from '../../packages/pawl/src/testing/contract/batches.ts';
import { MovedClock } from '../../packages/pawl/src/testing/contract/index.ts';
import { AwayStore } from './away-store.ts';
import { inMemory, openOver, START } from './open-sharded.ts';

const clock = new MovedClock(START);

async function marked(count: number): Promise<Store[]> {
  const stores = await inMemory(count, clock);
  await openOver(stores);
  return stores;
}

const DIFFER = { code: 'SHARDS_DIFFER' };

test('the same clusters in the same order are opened as often as one likes', async () => {
  const [a, b, c] = await marked(3);
  if (!a || !b || !c) return expect.fail();
  await openOver([a, b, c]);
  await expect(openOver([b, a, c])).rejects.toMatchObject(DIFFER);
  await expect(openOver([a, b])).rejects.toMatchObject(DIFFER);
  const [d = expect.fail()] = await inMemory(1, clock);
  await expect(openOver([a, b, c, d])).rejects.toMatchObject(DIFFER);
  await openOver([a, b, c]);
});

test.each([0, 1, 2])('a new database in the place of cluster %i is not taken for it', async (index) => {
  const stores = await marked(3);
  const [fresh = expect.fail()] = await inMemory(1, clock);
  const replaced = stores.map((one, at) => (at === index ? fresh : one));
  await expect(openOver(replaced)).rejects.toThrow(/is a new database/);
  await openOver([fresh, ...(await inMemory(1, clock))]); // nothing was written into it
});

test('a cluster of another store is not taken for one of this', async () => {
  const [a] = await marked(2);
  const [, b] = await marked(2);
  if (!a || !b) return expect.fail();
  await expect(openOver([a, b])).rejects.toMatchObject(DIFFER);
});

test('a database with runs of its own becomes no cluster, and a cluster no store of its own', async () => {
  const [a, b] = await inMemory(2, clock);
  if (!a || !b) return expect.fail();
  await refuseShard(a);
  await start(b, 'x');
  await expect(openOver([a, b])).rejects.toThrow(/runs of its own/);
  const [c = expect.fail()] = await marked(2);
  await expect(refuseShard(c)).rejects.toThrow(/cluster 1 of 2/);
});

test('a database with runs of any tenant becomes no cluster', async () => {
  const [a, b] = await inMemory(2, clock);
  if (!a || !b) return expect.fail();
  await start(b, 'x', { tenant: 'acme' });
  await expect(openOver([a, b])).rejects.toThrow(/runs of its own/);
});

test('one database under two names is refused, and can still be opened as what it is', async () => {
  const [a, b] = await inMemory(2, clock);
  if (!a || !b) return expect.fail();
  await expect(openOver([b, a, b])).rejects.toThrow(/the same database as cluster 1/);
  await refuseShard(a);
  await refuseShard(b);
  await openOver([a, b]);
});

test('a first opening that broke off is taken up again', async () => {
  const [a, b] = await inMemory(2, clock);
  if (!a || !b) return expect.fail();
  const away = new AwayStore(b);
  const breaking: Store = new Proxy(away.store, {
    get: (target, name: keyof Store) => {
      if (name === 'registerWorkflows') away.goes('refuses');
      return target[name];
    },
  });
  await expect(openOver([a, breaking])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await openOver([a, b]);
  await expect(openOver([b, a])).rejects.toMatchObject(DIFFER);
});

test('two that open new clusters in one moment agree', async () => {
  const stores = await inMemory(3, clock);
  const both = await Promise.all([openOver(stores), openOver(stores)]);
  expect(both.length).toBe(2);
  await openOver(stores);
});
