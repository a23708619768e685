/** Keeps a large payload once, whoever refers to it; a new reference makes it young again (a day's precision is enough). */
import { query } from '../query.ts';

/** Primary key. An hour must have passed before the row is written again. */
export const upsertBlob = query<[digest: string, body: string, bytes: number, usedAt: number]>(
  `insert into blobs (digest, body, bytes, used_at) values (?, ?, ?, ?)
   on conflict (digest) do update set used_at = excluded.used_at where excluded.used_at > used_at + 3600000`,
);
