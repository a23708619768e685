/** Runs that nobody started inside another one, and that ended before a time: a window of the table, the oldest first. */
import { query } from '../query.ts';

/** Primary key: the window bounds what is looked at. */
export const endedRoots = query<
  [after: number, last: number, endedBefore: number, tenant: number | null, limit: number],
  { num: number; tenant: number; id: string }
>(
  `select num, tenant, id from runs where num > ? and num <= ? and root_id is null and phase >= 2 and updated_at < ?
     and tenant = coalesce(?, tenant)
   order by num limit ?`,
);
