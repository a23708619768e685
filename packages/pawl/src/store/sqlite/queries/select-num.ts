/** The number of a run, by tenant and id. */
import { query } from '../query.ts';

/** Unique index `runs_by_id`. */
export const selectNum = query<[tenant: number, id: string], { num: number }>(
  'select num from runs where tenant = ? and id = ?',
);
