/** Opens stores over several clusters for tests: SQLite stores stand for the clusters. */
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';
import { openShardedStore, type ShardedOptions } from '../../packages/pawl/src/postgres.ts';
import type { Store, StoreLimits } from '../../packages/pawl/src/store/index.ts';
import { MovedClock } from '../../packages/pawl/src/testing/contract/index.ts';
import { newFolder, openAt } from './open-sqlite.ts';

const platform = nodePlatform({ log: () => undefined });
export const START = Date.UTC(2_026, 0, 1);
const opened: Store[] = [];

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

/** A store over these, in this order. */
export async function openOver(
  stores: readonly Store[],
  options: Partial<ShardedOptions> = {},
): Promise<Store> {
  const store = await openShardedStore({ ...platform, stores, ...options });
  opened.push(store);
  return store;
}

/** Stores in memory, to be put together. */
export async function inMemory(
  count: number,
  clock: MovedClock,
  limits: Partial<StoreLimits> = {},
): Promise<Store[]> {
  return await Promise.all(Array.from({ length: count }, () => openAt(':memory:', { clock, limits })));
}

export async function openFiles(paths: readonly string[], clock: MovedClock): Promise<Store> {
  return await openOver(await Promise.all(paths.map((path) => openAt(path, { clock }))));
}

/** A store over new files, which another process could open too. */
export async function openNewFiles(count: number) {
  const clock = new MovedClock(START);
  const folder = newFolder();
  const paths = Array.from({ length: count }, (_, index) => join(folder, `${index}.db`));
  return { clock, paths, store: await openFiles(paths, clock) };
}
