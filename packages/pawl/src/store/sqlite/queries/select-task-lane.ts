/** The number of a lane of tasks. */
import { query } from '../query.ts';

/** The unique index of `task_lanes`. */
export const selectTaskLane = query<
  [tenant: number, queue: string, kind: string, priority: number],
  { num: number }
>('select num from task_lanes where tenant = ? and queue = ? and kind = ? and priority = ?');
