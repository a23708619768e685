/** Gives runs that nobody holds to a holder, in a new epoch each; those that somebody else is taking or writing to are left out. */
import { query } from '../query.ts';
import { RUN_COLUMNS, type RunColumns, WITH_NAMES } from './run-columns.ts';

/** Primary key. Answers in the order of the numbers that were asked for. */
export const takeRuns = query<[holder: number, nums: readonly number[]], RunColumns>(
  `with free as (
     select num from pawl.runs where num = any ($2::bigint[]) and holder is null and due_at is not null
     order by num for no key update skip locked),
   r as (
     update pawl.runs x set holder = $1, epoch = x.epoch + 1 from free where x.num = free.num returning x.*)
   select ${RUN_COLUMNS} from r ${WITH_NAMES} order by array_position($2::bigint[], r.num)`,
);
