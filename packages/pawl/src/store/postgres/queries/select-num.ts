/** The number of a run, by tenant and id. */
import { query } from '../query.ts';

/** Unique index `runs_by_id`. */
export const selectNum = query<[tenant: string, id: string], { num: number }>(
  'select r.num from pawl.tenants t join pawl.runs r on r.tenant = t.num and r.id = $2 where t.id = $1',
);
