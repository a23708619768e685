/** The PostgreSQL store keeps the store contract, on a real server. */
import { describe, test } from 'vitest';
import { type OpenStore, storeContract } from '../../packages/pawl/src/testing/contract/index.ts';
import { hasPostgres } from '../postgres/server.ts';
import { openAt, openEmpty } from './open-postgres.ts';

const open: OpenStore = async (limits) => {
  const { clock, url, store } = await openEmpty(limits);
  return { clock, store, openAgain: () => openAt(url, { clock, limits }) };
};

describe.skipIf(!hasPostgres())('I13: the PostgreSQL store', () => {
  test.each(storeContract.map((one) => [one.name, one] as const))(
    'keeps the promise: %s',
    async (_name, contract) => {
      await contract.run(open);
    },
  );
});
