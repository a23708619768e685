/** Removes blobs that no event refers to, and that were not used for a while. */
import { query } from '../query.ts';

/** `blobs` whole, index `events_by_blob`: when everything else was looked at, and again while it finds as many as it may. */
export const deleteBlobs = query<[usedBefore: number, limit: number]>(
  `delete from blobs where digest in (
     select digest from blobs b where used_at < ? and not exists (select 1 from events e where e.blob = b.digest) limit ?)`,
);
