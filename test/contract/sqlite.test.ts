/** The SQLite store keeps the store contract, in memory and in a file. */
import { describe, test } from 'vitest';
import { MovedClock, type OpenStore, storeContract } from '../../packages/pawl/src/testing/contract/index.ts';
import { openAt, openFolder } from './open-sqlite.ts';

const openMemory: OpenStore = async (limits) => {
  const clock = new MovedClock(Date.UTC(2_026, 0, 1));
  return { clock, store: await openAt(':memory:', { clock, limits }) };
};

const openFile: OpenStore = async (limits) => {
  const { clock, path, store } = await openFolder(limits);
  return { clock, store, openAgain: () => openAt(path, { clock, limits }) };
};

describe.each([
  ['memory', openMemory],
  ['a file', openFile],
] as const)('I13: the SQLite store in %s', (_where, open) => {
  test.each(storeContract.map((one) => [one.name, one] as const))(
    'keeps the promise: %s',
    async (_name, contract) => {
      await contract.run(open);
    },
  );
});
