/** Retention: whole families of runs that ended long ago go, a few at a time; then what only they referred to. */
import { BLOB_LIFE_MS, PRUNE_WINDOW, type Pruned, type PruneRequest } from '../index.ts';
import type { Connection } from './connection.ts';
import type { Names } from './names.ts';
import { deleteBlobs } from './queries/delete-blobs.ts';
import { deleteRun } from './queries/delete-run.ts';
import { endedRoots } from './queries/ended-roots.ts';
import { keepsFamily } from './queries/keeps-family.ts';
import { selectFamily } from './queries/select-family.ts';
import { selectNewest } from './queries/select-newest.ts';

const MAX_BLOBS = 1_000;

export interface PruneTools {
  readonly db: Connection;
  readonly names: Names;
  readonly now: number;
}

/** Inside a write transaction. The family of the newest run stays: the next one gets the number after it. */
export function prune({ db, names, now }: PruneTools, request: PruneRequest): Pruned {
  const { endedBefore, limit, after, tenant: owner } = request;
  const tenantNum = owner === undefined ? null : names.tenant(owner);
  if (tenantNum === undefined) return { removed: 0, next: undefined };
  const newest = db.get(selectNewest);
  const end = newest?.num ?? 0;
  const last = Math.min(after + PRUNE_WINDOW, end);
  const roots = db.all(endedRoots, after, last, endedBefore, tenantNum, limit);
  let removed = 0;
  for (const { num, id, tenant } of roots) {
    if (id === newest?.root && tenant === newest.tenant) continue;
    if (db.get(keepsFamily, id, tenant, endedBefore)) continue;
    const family = db.all(selectFamily, id, tenant, limit - removed);
    for (const member of family) remove(db, member.num);
    removed += family.length;
    if (removed >= limit) return { removed, next: num - 1 }; // the root goes last: it finds the others
    remove(db, num);
    removed += 1;
    if (removed >= limit) return { removed, next: num };
  }
  if (roots.length === limit) return { removed, next: roots.at(-1)?.num };
  if (last < end) return { removed, next: last };
  const blobs = db.run(deleteBlobs, now - BLOB_LIFE_MS, MAX_BLOBS);
  return { removed, next: blobs < MAX_BLOBS ? undefined : last }; // there may be more
}

function remove(db: Connection, num: number): void {
  for (const statement of deleteRun) db.run(statement, num);
}
