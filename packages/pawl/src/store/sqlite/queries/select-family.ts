/** The runs that belong to a root run, without itself. */
import { query } from '../query.ts';

/** Index `runs_by_root`. */
export const selectFamily = query<[rootId: string, tenant: number, limit: number], { num: number }>(
  'select num from runs where root_id = ? and tenant = ? order by num limit ?',
);
