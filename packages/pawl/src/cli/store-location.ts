/** Where the store lies: what the URL of a store means on this disk. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pawlError } from '../errors/index.ts';
import { DEFAULT_TENANT } from '../run/index.ts';
import { withoutPassword } from '../std/index.ts';
import { DEFAULT_DEMO_STORE, DEFAULT_STORE } from './defaults.ts';
import type { Session } from './session.ts';

export type StoreLocation =
  | { readonly kind: 'memory' }
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'server' };

const SERVER = /^postgres(?:ql)?:\/\/./;

/** The store that a command means: `--store`, else `PAWL_STORE`, else a file below the working folder. */
export function storeOf(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Pick<Session, 'store' | 'isStoreNamed'> {
  const named = option ?? (env['PAWL_STORE'] === '' ? undefined : env['PAWL_STORE']);
  return { store: named ?? DEFAULT_STORE, isStoreNamed: named !== undefined && named !== DEFAULT_STORE };
}

/** Whose runs a command means: `--tenant`, else `PAWL_TENANT`, else the default tenant. */
export function tenantOf(option: unknown, env: Readonly<Record<string, string | undefined>>): string {
  if (typeof option === 'string') return option;
  return env['PAWL_TENANT'] === undefined || env['PAWL_TENANT'] === '' ? DEFAULT_TENANT : env['PAWL_TENANT'];
}

/** @throws `STORE_URL_INVALID` */
export function parseStoreUrl(url: string): StoreLocation {
  if (url === 'sqlite::memory:') return { kind: 'memory' };
  if (SERVER.test(url)) return { kind: 'server' };
  const file = /^sqlite:(?!:)(.+)$/.exec(url)?.[1];
  if (file === undefined) throw pawlError('STORE_URL_INVALID', { url: withoutPassword(url) });
  return { kind: 'file', file };
}

/**
 * Refuses a store that nobody has made: a command that looks or acts must not create an empty database. A database on a server is
 * there, or the server says that it is not.
 * @throws `STORE_MISSING`, `STORE_URL_INVALID`
 */
export function requireStore(url: string): void {
  const location = parseStoreUrl(url);
  if (location.kind === 'memory')
    throw pawlError('STORE_MISSING', { file: 'in memory that another process could read' });
  if (location.kind === 'file' && !existsSync(location.file))
    throw pawlError('STORE_MISSING', { file: location.file });
}

/**
 * Makes the folder of the database. The default folder keeps itself out of version control.
 * @throws `STORE_READ_ONLY`, `STORE_URL_INVALID`
 */
export function prepareStore(url: string): void {
  const location = parseStoreUrl(url);
  if (location.kind !== 'file') return;
  const folder = dirname(resolve(location.file));
  if (existsSync(folder)) return;
  try {
    mkdirSync(folder, { recursive: true });
    if (url === DEFAULT_STORE || url === DEFAULT_DEMO_STORE) writeFileSync(join(folder, '.gitignore'), '*\n');
  } catch (error) {
    throw pawlError('STORE_READ_ONLY', { file: folder }, { cause: error });
  }
}
