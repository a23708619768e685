/** The SQLite store keeps the store contract, in memory and in a file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, test } from 'vitest';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';
import { openSqliteStore } from '../../packages/pawl/src/sqlite.ts';
import type { Store } from '../../packages/pawl/src/store/index.ts';
import { MovedClock, type OpenStore, storeContract } from '../../packages/pawl/src/testing/contract/index.ts';

const START = Date.UTC(2_026, 0, 1);
const platform = nodePlatform();
const opened: Store[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function openAt(path: string, clock: MovedClock, limits: Parameters<OpenStore>[0]): Promise<Store> {
  const store = await openSqliteStore({ ...platform, clock, path, limits });
  opened.push(store);
  return store;
}

const openMemory: OpenStore = async (limits) => {
  const clock = new MovedClock(START);
  return { clock, store: await openAt(':memory:', clock, limits) };
};

const openFile: OpenStore = async (limits) => {
  const clock = new MovedClock(START);
  const folder = mkdtempSync(join(tmpdir(), 'pawl-contract-'));
  folders.push(folder);
  const openAgain = () => openAt(join(folder, 'pawl.db'), clock, limits);
  return { clock, openAgain, store: await openAgain() };
};

describe.each([
  ['memory', openMemory],
  ['a file', openFile],
] as const)('the SQLite store in %s', (_where, open) => {
  test.each(storeContract.map((one) => [one.name, one] as const))('%s', async (_name, contract) => {
    await contract.run(open);
  });
});
