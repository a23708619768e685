/** One database for each side of a measurement. */
import { randomBytes } from 'node:crypto';
import { pawl } from '../../packages/pawl/src/index.ts';
import type { Place } from '../harness/workload.ts';
import { onServer } from './server.ts';

export interface Database {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

export async function newDatabase({ server }: Place): Promise<Database> {
  if (server === undefined)
    throw new Error('this workload needs a server: npm run bench -- --store postgres');
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await onServer(server.url, (client) => client.query(`create database ${name}`));
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const drop = async (): Promise<void> => {
    await onServer(server.url, (client) => client.query(`drop database ${name} with (force)`));
  };
  return { url: url.href, drop };
}

/** A database with the schema of Pawl and nothing in it. */
export async function newPawlDatabase(place: Place): Promise<Database> {
  const database = await newDatabase(place);
  const engine = await pawl.open({ store: database.url });
  await engine.close();
  return database;
}

/** Bytes of all tables and indexes of a schema, with everything in them written to the disk. */
export function schemaBytes(url: string, schema: string): Promise<number> {
  return onServer(url, async (client) => {
    await client.query('checkpoint');
    const { rows } = await client.query<{ bytes: string }>(
      `select coalesce(sum(pg_total_relation_size(oid)), 0) as bytes from pg_class
       where relkind = 'r' and relnamespace = $1::regnamespace`,
      [schema],
    );
    return Number(rows[0]?.bytes);
  });
}
