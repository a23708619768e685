/** The store that the tests of this process run on: SQLite, or PostgreSQL where `PAWL_TEST_STORE` says so. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from 'pawl/sqlite';
import type { FakePlatform } from 'pawl/testing';
import { afterAll, beforeEach } from 'vitest';
import type { Store, StoreLimits } from '../../../packages/pawl/src/store/index.ts';
import { Connection, type ConnectionOptions } from '../../../packages/pawl/src/store/postgres/connection.ts';
import { notify } from '../../../packages/pawl/src/store/postgres/queries/notify.ts';
import { query } from '../../../packages/pawl/src/store/postgres/query.ts';
import { FileLocks } from '../../../packages/pawl/src/store/sqlite/index.ts';
import * as server from '../../postgres/databases.ts';
import { putTogether } from '../../postgres/put-together.ts';
import { hasPostgres } from '../../postgres/server.ts';
import { Statements } from '../../postgres/statements.ts';

/** Which store it is; what is true of one alone is tested where it is the one. */
export const storeKind: 'sqlite' | 'postgres' =
  process.env['PAWL_TEST_STORE'] === 'postgres' ? 'postgres' : 'sqlite';
const isPostgres = storeKind === 'postgres';
const SQLITE = 'sqlite:';
const MEMORY = 'sqlite::memory:';

const folders: string[] = [];
/** Databases of this file of tests that are empty, and those that a test has. */
const empty: string[] = [];
const taken: string[] = [];
/** Sessions that may listen. */
const readers = new Map<Connection, ConnectionOptions>();
const ping = query<[]>('select');
const nobody = { isDead: false };
/** Statements of this file's tests: all engines wait for them before time moves. */
const statements = new Statements(() => platforms.forEach(holdTime));
const stores: Store[] = [];
const platforms = new Set<FakePlatform>();
const holding = new Set<FakePlatform>();

beforeEach(async ({ skip }) => {
  if (!isPostgres) return;
  skip(!hasPostgres(), 'there is no PostgreSQL for this machine');
  if (empty.length === 0) empty.push(await server.newDatabase()); // a test names it before it can wait
});

afterAll(async () => {
  for (const url of [...empty.splice(0), ...taken.splice(0)]) await server.dropDatabase(url);
});

/** The URL of a new database that goes with the test. */
export function newDatabase(): string {
  if (!isPostgres) return `${SQLITE}${join(newFolder(), 'pawl.db')}`;
  const url = empty.pop();
  if (url === undefined) throw new Error('a test has one database on PostgreSQL');
  taken.push(url);
  return url;
}

/** The URL of a database that one engine alone has. */
export async function privateDatabase(): Promise<string> {
  if (!isPostgres) return MEMORY;
  const url = empty.pop() ?? (await server.newDatabase());
  taken.push(url);
  return url;
}

export function pathOfDatabase(url: string): string {
  return url.slice(SQLITE.length);
}

/** The store of a database as one process has it: time waits for what it asks. */
export async function openStore(
  platform: FakePlatform,
  url: string,
  limits?: Partial<StoreLimits>,
): Promise<Store> {
  if (!isPostgres) return await openSqliteStore({ ...platform, path: pathOfDatabase(url), limits });
  platforms.add(platform);
  const store = putTogether({
    platform,
    limits,
    machine: new FileLocks(locksOf(url)),
    connect: (hooks) => connect({ url, platform, ...hooks }),
  });
  stores.push(store);
  return store;
}

/** Notices reach everybody who listens before time moves; a process whose time stands hears them when it goes on. */
function connect(options: ConnectionOptions): Connection {
  const { platform, onNotice } = options;
  const onNoticeLater = (pid: number): void => void platform.setTimer(0, () => onNotice?.(pid));
  const connection = new Connection({ ...options, onNotice: onNoticeLater });
  if (options.onNotice) readers.set(connection, options);
  return statements.through(connection, nobody, async (send, { sql }) => {
    const answer = await send();
    if (sql === notify.sql) await hear(options.url);
    return answer;
  });
}

/** A session has the notices that were sent before it was asked for anything, when it has answered. */
async function hear(url: string): Promise<void> {
  for (const [reader, options] of readers)
    if (options.url === url && options.isNeeded?.() === true) await reader.read(ping).catch(() => []);
}

/** Time of this platform waits, too, for what is under way to a server. */
export function waitsForStores(platform: FakePlatform): void {
  platforms.add(platform);
}

/** What is left of a process that was killed: a lock file that nobody holds. */
export function leaveLock(url: string, engineId: string): void {
  writeFileSync(join(locksOf(url), `${engineId}.lock`), '');
}

/** The test is over, and its engines are closed. */
export async function clearStores(): Promise<void> {
  for (const store of stores.splice(0)) await store.close(); // of an engine that nobody closed: its database is the next test's
  platforms.clear();
  readers.clear();
  for (const url of taken.splice(0)) {
    await server.emptyDatabase(url);
    empty.push(url);
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  lockFolders.clear();
}

const lockFolders = new Map<string, string>();

function locksOf(url: string): string {
  if (!isPostgres) return `${pathOfDatabase(url)}-holders`;
  const folder = lockFolders.get(url) ?? newFolder();
  lockFolders.set(url, folder);
  return folder;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-scenario-'));
  folders.push(folder);
  return folder;
}

/** As long as something is under way to the server, the platform has a turn to do. */
function holdTime(platform: FakePlatform): void {
  if (holding.has(platform)) return;
  holding.add(platform);
  platform.nextTurn(() => {
    holding.delete(platform);
    if (statements.isUnderWay) holdTime(platform);
  });
}
