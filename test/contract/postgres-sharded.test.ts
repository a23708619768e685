/** The store over two PostgreSQL databases keeps the store contract, on a real server. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { MovedClock, type OpenStore, storeContract } from '../../packages/pawl/src/testing/contract/index.ts';
import { dropDatabase, emptyDatabase, newDatabase } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';
import { openAt } from './open-postgres.ts';
import { openOver, START } from './open-sharded.ts';

let urls: string[] = [];

beforeAll(async () => {
  if (hasPostgres()) urls = [await newDatabase(), await newDatabase()];
});
afterAll(async () => {
  for (const url of urls) await dropDatabase(url);
});

const open: OpenStore = async (limits) => {
  const clock = new MovedClock(START);
  for (const url of urls) await emptyDatabase(url);
  const openAll = async () =>
    await openOver(await Promise.all(urls.map((url) => openAt(url, { clock, limits }))));
  return { clock, store: await openAll(), openAgain: openAll };
};

/** What stands on two sides here: ids, keys, lists, engines. What one database does alone is tried on one. */
const TOLD = /\bkeys?\b|taken|resen|pages|child|its own run|large payload|is listed with/;
const WITHIN_ONE = /a key names a new run/; // the newest run of each database stays

describe.skipIf(!hasPostgres())('I13: a store over two PostgreSQL databases', () => {
  const told = storeContract.filter(({ name }) => TOLD.test(name) && !WITHIN_ONE.test(name));

  test.each(told.map((one) => [one.name, one] as const))('keeps the promise: %s', async (_name, contract) => {
    await contract.run(open);
  });
});
