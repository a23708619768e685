/** Databases for tests: each is a copy of one that was migrated once, and goes when its test is over. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';
import { openPostgresStore } from '../../packages/pawl/src/postgres.ts';
import { migrations } from '../../packages/pawl/src/store/postgres/migrations/list.ts';
import { until } from './server.ts';

/** One server a run of the tests: all its processes have the same parent. */
const RUN = process.ppid;
/** A server of somebody else keeps it for the next run, as long as the schema is the same. */
const TEMPLATE = `pawl_template_${createHash('sha256').update(migrations.join()).digest('hex').slice(0, 12)}`;
const LOCK = 0x7061_776c;
let count = 0;

/** The URL of a server: the one that `PAWL_TEST_POSTGRES` names, else our own, started by whoever asks first. */
async function serverUrl(): Promise<string> {
  const given = process.env['PAWL_TEST_POSTGRES'];
  if (given !== undefined) return given;
  const folder = join(tmpdir(), `pawl-postgres-${RUN}`);
  const file = join(folder, 'url');
  if (isFirst(folder)) {
    const keeper = join(import.meta.dirname, 'keeper.ts');
    const args = ['--disable-warning=ExperimentalWarning', keeper, folder, String(RUN)];
    spawn(process.execPath, args, { detached: true, stdio: 'ignore' }).unref();
  }
  await until(() => existsSync(file));
  return readFileSync(file, 'utf8');
}

function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

export async function onServer<T>(work: (client: Client) => Promise<T>, url?: string): Promise<T> {
  const client = new Client({ connectionString: url ?? (await serverUrl()) });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The URL of a new database: migrated and empty, or without anything at all. */
export async function newDatabase(from: 'template' | 'nothing' = 'template'): Promise<string> {
  const server = new URL(await serverUrl());
  count += 1;
  const name = `pawl_test_${process.pid}_${count}`;
  await onServer(async (client) => {
    if (from === 'template') await makeTemplate(client, server);
    const template = from === 'template' ? TEMPLATE : 'template1';
    await client.query(`create database ${name} template ${template}`);
  });
  return urlOf(server, name);
}

/** Takes everything out of a database but its schema. */
export async function emptyDatabase(url: string): Promise<void> {
  await onServer(empty, url);
}

/** Rows are deleted: tables as small as those of a test are truncated far more slowly. */
export async function empty(client: Client): Promise<void> {
  const { rows } = await client.query<{ script: string }>(
    `select string_agg('delete from pawl.' || tablename, '; ') as script from pg_tables
     where schemaname = 'pawl' and tablename <> 'migrations'`,
  );
  await client.query(rows[0]?.script ?? '');
}

export async function dropDatabase(url: string): Promise<void> {
  await onServer((client) => client.query(`drop database if exists ${nameOf(url)} with (force)`));
}

/** Cuts every connection of an engine to a database; how many there were. */
export async function cutConnections(url: string): Promise<number> {
  return await onServer(async (client) => {
    const { rows } = await client.query<{ cuts: string }>(
      `select count(pg_terminate_backend(pid)) as cuts from pg_stat_activity
       where application_name = 'pawl' and datname = current_database()`,
    );
    return Number(rows[0]?.cuts);
  }, url);
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

function urlOf(server: URL, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** Once a run of the tests: whoever comes second waits for the first. */
async function makeTemplate(client: Client, server: URL): Promise<void> {
  if (await exists(client)) return;
  await client.query('select pg_advisory_lock($1)', [LOCK]);
  if (!(await exists(client))) {
    const draft = `${TEMPLATE}_draft`;
    await client.query(`drop database if exists ${draft}`);
    await client.query(`create database ${draft}`);
    const store = await openPostgresStore({ ...nodePlatform(), url: urlOf(server, draft) });
    await store.close();
    await client.query(`alter database ${draft} rename to ${TEMPLATE}`);
  }
  await client.query('select pg_advisory_unlock($1)', [LOCK]);
}

async function exists(client: Client): Promise<boolean> {
  const found = await client.query('select 1 from pg_database where datname = $1', [TEMPLATE]);
  return found.rowCount === 1;
}
