/** Large payloads that nothing refers to go from a file. */
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'vitest';
import { openFolder } from './open-sqlite.ts';
import { straysGo } from './stray-payloads.ts';

describe('large payloads that nothing refers to, in a file', () => {
  test('go a day after their last use, however many they are', async () => {
    const { store, clock, path } = await openFolder();
    const db = new DatabaseSync(path); // for the whole test: a file that is closed here takes all its locks along
    const strays = `with recursive n (n) as (select 1 union all select n + 1 from n where n < ?)
      insert into blobs (digest, body, bytes, used_at) select 'stray ' || n, '""', 2, 0 from n`;
    await straysGo({
      store,
      clock,
      count: async () => Number(db.prepare('select count(*) as count from blobs').get()?.['count']),
      addStrays: async (howMany) => void db.prepare(strays).run(howMany),
    });
    db.close();
  });
});
