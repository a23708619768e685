/** The PostgreSQL of a whole report, durable as in real life, and a database of it for each measurement. */
import { Client } from 'pg';
import { startServer } from '../../../test/postgres/server.ts';
import { SETTINGS } from '../../postgres/server.ts';

export const POSTGRES_SETTING = 'fsync=on, full_page_writes=on, synchronous_commit=on';

export class PostgresOfReport {
  readonly version: string;
  readonly #url: string;
  readonly #stop: () => Promise<void>;
  #count = 0;

  private constructor(url: string, version: string, stop: () => Promise<void>) {
    this.#url = url;
    this.version = version;
    this.#stop = stop;
  }

  static async start(folder: string): Promise<PostgresOfReport> {
    const server = await startServer({ folder, settings: SETTINGS });
    const version = await ask(server.url, 'show server_version');
    return new PostgresOfReport(server.url, version, () => server.stop());
  }

  /** The URL of an empty database. */
  async newDatabase(): Promise<string> {
    const name = `bench_${this.#count++}`;
    await ask(this.#url, `create database ${name}`);
    const url = new URL(this.#url);
    url.pathname = `/${name}`;
    return url.href;
  }

  async drop(url: string): Promise<void> {
    await ask(this.#url, `drop database if exists ${new URL(url).pathname.slice(1)} with (force)`);
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}

/** Bytes of a database, all of its tables and indexes; the write-ahead log belongs to the server and is not counted. */
export async function databaseBytes(url: string): Promise<number> {
  await ask(url, 'checkpoint');
  return Number(await ask(url, 'select pg_database_size(current_database())'));
}

/** The first value that comes back, as text; empty when none does. */
async function ask(url: string, text: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, string>>(text);
    return Object.values(rows[0] ?? {})[0] ?? '';
  } finally {
    await client.end();
  }
}
