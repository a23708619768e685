/** Whether one of the runs that belong to a root run lives, or ended too lately. */
import { query } from '../query.ts';

/** Index `runs_by_root`. */
export const keepsFamily = query<[rootId: string, tenant: number, endedBefore: number], { found: number }>(
  'select 1 as found from runs where root_id = ? and tenant = ? and (phase <= 1 or updated_at >= ?) limit 1',
);
