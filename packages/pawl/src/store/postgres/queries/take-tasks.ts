/** Gives tasks that nobody holds to a holder, in a new epoch each; those that somebody else is taking are left out. */
import { query } from '../query.ts';
import { TASK_COLUMNS, type TaskColumns, WITH_RUN } from './select-tasks.ts';

/** Primary key. Answers in the order of the numbers that were asked for. */
export const takeTasks = query<[holder: number, nums: readonly number[]], TaskColumns>(
  `with free as (
     select num from pawl.tasks where num = any ($2::bigint[]) and holder is null and not (is_stopped and not has_begun)
     order by num for update skip locked),
   t as (
     update pawl.tasks x set holder = $1, epoch = x.epoch + 1 from free where x.num = free.num returning x.*)
   select ${TASK_COLUMNS} from t ${WITH_RUN} order by array_position($2::bigint[], t.num)`,
);
