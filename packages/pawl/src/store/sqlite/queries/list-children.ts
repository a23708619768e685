/** Numbers of the children of one run, the newest first. */
import { query } from '../query.ts';

/** Index `runs_by_parent`. */
export const listChildren = query<
  [parentId: string, tenant: number, beforeNum: number, statuses: string, lanes: string, limit: number],
  { num: number }
>(
  `select num from runs where parent_id = ? and tenant = ? and num < ? and status in (select value from json_each(?))
     and lane in (select value from json_each(?)) order by num desc limit ?`,
);
