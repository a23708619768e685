/** One whole run, by its tenant and id. */
import { query } from '../query.ts';
import { type RunColumns, SELECT_RUNS } from './run-columns.ts';

/** Unique index `runs_by_id`. */
export const selectRun = query<[tenant: string, id: string], RunColumns>(
  `${SELECT_RUNS} where t.id = $1 and r.id = $2`,
);
