/** The store of a world: a database file by its path, or a database on a server by its URL. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPostgresStore } from '../../../packages/pawl/src/postgres.ts';
import { openSqliteStore } from '../../../packages/pawl/src/sqlite.ts';
import type { Platform } from '../../../packages/pawl/src/std/index.ts';
import type { Store } from '../../../packages/pawl/src/store/index.ts';
import { FileLocks } from '../../../packages/pawl/src/store/sqlite/index.ts';

export function isOnServer(place: string): boolean {
  return place.startsWith('postgres:');
}

export function urlOf(place: string): string {
  return isOnServer(place) ? place : `sqlite:${place}`;
}

/** With the locks that processes of one machine have, unless they are to look as if they were on several. */
export function openStore(
  place: string,
  platform: Platform,
  more: { readonly isElsewhere?: boolean | undefined } = {},
): Promise<Store> {
  if (!isOnServer(place)) return openSqliteStore({ ...platform, path: place });
  const machineLocks =
    more.isElsewhere === true ? undefined : new FileLocks(join(tmpdir(), 'pawl-crash-holders'));
  return openPostgresStore({ ...platform, url: place, machineLocks });
}
