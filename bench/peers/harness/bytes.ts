/** How much a peer has on the disk. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileBytes } from '../../workloads/file-size.ts';
import type { Place } from '../peer.ts';
import { databaseBytes } from '../servers/postgres.ts';

/** Bytes when the peer has opened its store and done nothing yet; a file is counted whole, as in the other tables of bench. */
export function bytesBefore(place: Place): Promise<number> {
  return place.kind === 'file' ? Promise.resolve(0) : bytesAfter(place);
}

/** Bytes when the peer has closed its store. */
export async function bytesAfter(place: Place): Promise<number> {
  switch (place.kind) {
    case 'file':
      return fileBytes(join(place.folder, 'data.db'));
    case 'postgres':
      return await databaseBytes(place.url);
    case 'redis':
      return folderBytes(join(place.folder, 'appendonlydir'));
    case 'restate':
      return folderBytes(join(place.folder, 'restate-data'));
    default:
      return place.kind satisfies never;
  }
}

function folderBytes(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, { parentPath, name }) =>
        sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
}
