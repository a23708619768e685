/** Puts a run that its holder still has into a new epoch; waits behind a commit that is under way. */
import { query } from '../query.ts';
import { RUN_COLUMNS, type RunColumns, WITH_NAMES } from './run-columns.ts';

/** Unique index `runs_by_id`. */
export const reclaimRun = query<[tenant: string, id: string, holder: string, epoch: number], RunColumns>(
  `with r as (
     update pawl.runs set epoch = epoch + 1
     where tenant = (select num from pawl.tenants where id = $1) and id = $2
       and holder = (select num from pawl.holders where id = $3) and epoch = $4
     returning *)
   select ${RUN_COLUMNS} from r ${WITH_NAMES}`,
);
