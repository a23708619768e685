/** Runs of a tenant, the newest first; each set of statuses has the index that finds it without scanning the others. */
import { query } from '../query.ts';
import { RUN_COLUMNS, type RunColumns, WITH_NAMES } from './run-columns.ts';

type Page = [
  tenant: string,
  workflow: string | null,
  beforeNum: number,
  statuses: readonly number[],
  limit: number,
];

/** The lanes of the tenant, and of each the newest runs. */
function listed(condition: string): string {
  return `select ${RUN_COLUMNS} from (
     select x.* from pawl.lanes a
     cross join lateral (
       select * from pawl.runs where lane = a.num and ${condition} and num < $3 and status = any ($4::smallint[])
       order by num desc limit $5) x
     where a.tenant = (select num from pawl.tenants where id = $1) and ($2::text is null or a.workflow = $2)
     order by x.num desc limit $5) r
   ${WITH_NAMES} order by r.num desc`;
}

/** Index `runs_completed`. */
export const listCompleted = query<Page, RunColumns>(listed('phase = 2'));

/** Index `runs_unfinished`. */
export const listUnfinished = query<Page, RunColumns>(listed('phase <= 1'));

/** Index `runs_stopped`. */
export const listStopped = query<Page, RunColumns>(listed('phase = 1'));

/** Index `runs_undone`. */
export const listUndone = query<Page, RunColumns>(listed('phase = 3'));
