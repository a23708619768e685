/** The PostgreSQL that a report is made on: as durable as in real life, its data on the disk that holds the repository. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { type PostgresServer, startServer } from '../../test/postgres/server.ts';
import { fileSystemName, inFreshFolder } from '../harness/data-folder.ts';

/** Where a server is, and its first process, whose processor time is not that of others. */
export interface Server {
  readonly url: string;
  readonly pid: number;
}

/** Nothing is switched off, for Pawl as for its peers. Sizes are those of a small server: the defaults of PostgreSQL are those of a tiny one. */
export const SETTINGS = [
  'fsync=on',
  'full_page_writes=on',
  'synchronous_commit=on',
  'shared_buffers=256MB',
  'max_wal_size=2GB',
  'autovacuum_naptime=1min',
];

/** What is said of the server above the figures. */
const TOLD = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_sync_method',
  'shared_buffers',
  'max_wal_size',
];

/** `more`: further settings, `name=value`. */
export function withServer<T>(
  work: (server: Server) => Promise<T>,
  more: readonly string[] = [],
): Promise<T> {
  return inFreshFolder('postgres', async (folder) => {
    const server = await startServer({ folder, settings: [...SETTINGS, ...more] });
    try {
      return await work({ url: server.url, pid: firstPid(server, folder) });
    } finally {
      await server.stop();
    }
  });
}

function firstPid({ pid }: PostgresServer, folder: string): number {
  return pid || Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

export async function onServer<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export function serverLines({ url }: Server): Promise<string[]> {
  return onServer(url, async (client) => {
    const said: string[] = [];
    for (const name of ['server_version', ...TOLD]) {
      const { rows } = await client.query<Record<string, string>>(`show ${name}`);
      said.push(`${name} ${rows[0]?.[name] ?? '?'}`);
    }
    const [version, ...settings] = said;
    return [
      `PostgreSQL: ${version}, on the same machine, by TCP; data on ${fileSystemName()}`,
      `durability of both sides: ${settings.join(', ')}`,
    ];
  });
}
