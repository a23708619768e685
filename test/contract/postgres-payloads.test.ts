/** Large payloads that nothing refers to go from a database on a server. */
import { describe, test } from 'vitest';
import { onServer } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';
import { openEmpty } from './open-postgres.ts';
import { straysGo } from './stray-payloads.ts';

describe.skipIf(!hasPostgres())('large payloads that nothing refers to, on a server', () => {
  test('go a day after their last use, however many they are', async () => {
    const { store, clock, url } = await openEmpty();
    await straysGo({
      store,
      clock,
      count: async () => {
        const sql = 'select count(*)::int as count from pawl.blobs';
        return await onServer(
          async (client) => (await client.query<{ count: number }>(sql)).rows[0]?.count ?? 0,
          url,
        );
      },
      addStrays: async (howMany) => {
        const sql = `insert into pawl.blobs select 'stray ' || n, '""', 2, 0 from generate_series(1, $1::int) n`;
        await onServer((client) => client.query(sql, [howMany]), url);
      },
    });
  });
});
