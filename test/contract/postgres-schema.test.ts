/** What the PostgreSQL store says of schemas that are not its own, too new, changed or damaged, and how it makes its own. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Store } from '../../packages/pawl/src/store/index.ts';
import { EVENT_FORMAT } from '../../packages/pawl/src/run/index.ts';
import {
  claimOf,
  commitOne,
  enqueue,
  eventsOf,
  factsOf,
  type Held,
  start,
} from '../../packages/pawl/src/testing/contract/batches.ts';
import { MovedClock } from '../../packages/pawl/src/testing/contract/index.ts';
import { completed } from '../../packages/pawl/src/testing/contract/sample-events.ts';
import { dropDatabase, newDatabase, onServer } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';
import { openAt, openEmpty } from './open-postgres.ts';

const clock = new MovedClock(Date.UTC(2_026, 0, 1));
const databases: string[] = [];

/** Stores are closed by the hook of `open-postgres.ts`, which runs first. */
afterEach(async () => {
  for (const url of databases.splice(0)) await dropDatabase(url);
});

async function databaseWith(script: string, from: 'template' | 'nothing' = 'template'): Promise<string> {
  const url = await newDatabase(from);
  databases.push(url);
  if (script !== '') await onServer((client) => client.query(script), url);
  return url;
}

async function errorOf(url: string): Promise<{ code: string; message: string }> {
  return openAt(url, { clock }).then(
    () => ({ code: 'opened', message: '' }),
    (error: { code: string; message: string }) => error,
  );
}

describe.skipIf(!hasPostgres())('a database', () => {
  test('that is opened by several at once for the first time gets its schema once', async () => {
    const url = await databaseWith('', 'nothing');
    const stores = await Promise.all([1, 2, 3, 4].map(() => openAt(url, { clock })));
    expect((await start(stores[3] as Store, 'a')).epoch).toBe(1);
    const { rows } = await onServer(
      (client) => client.query('select version from pawl.migrations order by version'),
      url,
    );
    expect(rows.map((row: { version: number }) => row.version)).toEqual(rows.map((_row, index) => index + 1));
  });

  test('with a schema of that name that is somebody else’s is refused and not changed', async () => {
    const url = await databaseWith('create schema pawl; create table pawl.runs (a int)', 'nothing');
    expect((await errorOf(url)).code).toBe('STORE_NOT_OURS');
    await onServer((client) => client.query('select a from pawl.runs'), url);
  });

  test('of a newer Pawl is refused', async () => {
    const url = await databaseWith(`insert into pawl.migrations values (99, 'new', now())`);
    expect((await errorOf(url)).code).toBe('STORE_TOO_NEW');
  });

  test('whose migration was another one is refused', async () => {
    const url = await databaseWith(`update pawl.migrations set hash = 'other'`);
    expect((await errorOf(url)).code).toBe('MIGRATION_CHANGED');
  });

  test('that does not exist is refused, one whose server does not answer is away: with its place, and nobody is told the password', async () => {
    const url = new URL(await databaseWith(''));
    url.password = 'secret';
    url.pathname = '/nowhere';
    const missing = await errorOf(url.href);
    expect([missing.code, missing.message]).toEqual([
      'STORE_REFUSED',
      `The server of postgres://${url.host}/nowhere refused: database "nowhere" does not exist`,
    ]);
    url.port = '1';
    const away = await errorOf(url.href);
    expect([away.code, away.message]).toEqual([
      'STORE_UNAVAILABLE',
      `The store did not answer: postgres://${url.hostname}:1/nowhere: connect ECONNREFUSED ${url.hostname}:1`,
    ]);
    expect((await errorOf('postgres:secret')).code).toBe('STORE_URL_INVALID');
    const slash = await errorOf('postgres://ada:se/cret@h/db');
    expect([slash.code, slash.message.includes('cret')]).toEqual(['STORE_URL_INVALID', false]);
  });

  test('whose encoding cannot hold every text is refused and not changed', async () => {
    const url = await databaseWith('', 'nothing');
    const name = new URL(url).pathname.slice(1);
    const latin = `encoding 'LATIN1' template template0 lc_collate 'C' lc_ctype 'C'`;
    await onServer(async (client) => {
      await client.query(`drop database ${name}`);
      await client.query(`create database ${name} ${latin}`);
    });
    const { code, message } = await errorOf(url);
    expect([code, message.includes('LATIN1')]).toEqual(['STORE_UNAVAILABLE', true]);
    const { rows } = await onServer(
      (client) => client.query(`select to_regnamespace('pawl') as schema`),
      url,
    );
    expect(rows).toEqual([{ schema: null }]);
  });

  test('is shown without who opens it and with what', async () => {
    const { store, url } = await openEmpty();
    expect(store.location).toBe(`postgres://${new URL(url).host}${new URL(url).pathname}`);
  });

  test('P12: keeps runs of a newer event format for a newer worker, and brings older ones to its own', async () => {
    const { store, url } = await openEmpty();
    const now = clock.now() + 60_000;
    await enqueue(store, 'a');
    await onServer((client) => client.query(`update pawl.lanes set format = ${EVENT_FORMAT + 1}`), url);
    expect(await claimOf({ store, now })).toEqual([]);
    await onServer((client) => client.query('update pawl.lanes set format = 0'), url);
    const newer = await openAt(url, { clock });
    expect((await claimOf({ store: newer, now }))[0]?.row.format).toBe(0);
    expect((await store.getRun('default', 'a'))?.format).toBe(EVENT_FORMAT);
  });

  test('commits with the durability that was promised, whatever its default is', async () => {
    const url = await databaseWith('');
    const name = new URL(url).pathname.slice(1);
    await onServer((client) => client.query(`alter database ${name} set synchronous_commit = off`), url);
    await onServer((client) => client.query(NOTE_AT_COMMIT), url);
    await start(await openAt(url, { clock }), 'a');
    const { rows } = await onServer((client) => client.query('select durability from public.noted'), url);
    expect(rows).toEqual([{ durability: 'on' }]);
  });
});

/** Notes, at the very end of a transaction that created a run, how durable its commit will be. */
const NOTE_AT_COMMIT = `
  create table public.noted (durability text);
  create function public.note() returns trigger language plpgsql as $fn$
  begin
    insert into public.noted values (current_setting('synchronous_commit'));
    return null;
  end $fn$;
  create constraint trigger note_at_commit after insert on pawl.runs deferrable initially deferred
    for each row execute function public.note();`;

describe.skipIf(!hasPostgres())('damage', () => {
  test.each([
    ['changed data', `update pawl.events set data = '[1000,6]' where seq = 2`, 'event 2 of run a'],
    ['a changed payload', `update pawl.events set payload = '{"n":2}' where seq = 2`, 'event 2 of run a'],
    ['a changed time', 'update pawl.events set at = at + 1 where seq = 2', 'event 2 of run a'],
    ['a missing event', 'delete from pawl.events where seq = 2', 'event 2 of run a is missing'],
    ['a missing end', 'delete from pawl.events where seq = 3', 'event 3 of run a is missing'],
    [
      'two events that changed places',
      'update pawl.events set seq = 5 - seq + 10 where seq > 1; update pawl.events set seq = seq - 10 where seq > 10',
      'event 2 of run a',
    ],
    ['a missing blob', 'delete from pawl.blobs', 'of event 3 of run a is missing'],
    ['a changed blob', `update pawl.blobs set body = '"y"'`, 'of event 3 of run a is changed'],
    ['an unknown status', 'update pawl.runs set status = 77', 'the status of run a'],
  ])('by %s is named, and never read as something else', async (_what, script, named) => {
    const { store, url } = await openEmpty({ inlineBytes: 100 });
    const held: Held = await start(store, 'a');
    const large = completed('large', JSON.stringify('x'.repeat(200)));
    await commitOne(store, factsOf(held, [completed('x'), large]));
    await onServer((client) => client.query(script), url);
    const read = async (): Promise<void> => {
      await store.getRun('default', 'a');
      await eventsOf(store, held.run);
    };
    await expect(read()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    await expect(read()).rejects.toThrow(named);
  });

  test('of the schema is named too', async () => {
    const { store, url } = await openEmpty();
    await onServer((client) => client.query('alter table pawl.waits rename to waited'), url);
    await expect(store.listWaits({ tenant: 'default', limit: 1 })).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
    });
    await onServer((client) => client.query('alter table pawl.waited rename to waits'), url);
  });
});
