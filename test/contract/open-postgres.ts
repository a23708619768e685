/** Opens PostgreSQL stores for tests: one database a file of tests, emptied for each test. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';
import { openPostgresStore } from '../../packages/pawl/src/postgres.ts';
import type { Logger } from '../../packages/pawl/src/std/index.ts';
import type { Store, StoreLimits } from '../../packages/pawl/src/store/index.ts';
import { MovedClock } from '../../packages/pawl/src/testing/contract/index.ts';
import { dropDatabase, emptyDatabase, newDatabase } from '../postgres/databases.ts';

const platform = nodePlatform();
const START = Date.UTC(2_026, 0, 1);
const opened: Store[] = [];
let url = '';

beforeAll(async () => {
  url = await newDatabase();
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});
afterAll(() => dropDatabase(url));

export interface OpenAt {
  readonly clock: MovedClock;
  readonly limits?: Partial<StoreLimits> | undefined;
  readonly logger?: Logger;
}

/** A store with the clock of its test, and timers of real time. */
export async function openAt(at: string, options: OpenAt): Promise<Store> {
  const store = await openPostgresStore({ ...platform, ...options, url: at });
  opened.push(store);
  return store;
}

/** A store in an empty database. */
export async function openEmpty(limits: Partial<StoreLimits> = {}) {
  const clock = new MovedClock(START);
  await emptyDatabase(url);
  return { clock, url, store: await openAt(url, { clock, limits }) };
}
