/** Gives a lane of tasks its number; one that has it keeps it. No row: somebody else is giving it in this moment. */
import { query } from '../query.ts';

/** The unique index of `task_lanes`. */
export const giveTaskLane = query<
  [tenant: number, queue: string, kind: string, priority: number],
  { num: number }
>(
  `with found as (select num from pawl.task_lanes where tenant = $1::int and queue = $2::text and kind = $3::text and priority = $4::int),
   made as (
     insert into pawl.task_lanes (tenant, queue, kind, priority) select $1::int, $2::text, $3::text, $4::int where not exists (select from found)
     on conflict do nothing returning num)
   select num from found union all select num from made`,
);
