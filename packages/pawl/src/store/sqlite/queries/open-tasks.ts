/** The tasks of one lane that nobody has begun, the oldest first. */
import { query } from '../query.ts';

/** Index `tasks_open`, which ends in the number: no sorting. */
export const openTasks = query<[lane: number, afterNum: number, limit: number], { num: number }>(
  `select num from tasks where lane = ? and holder is null and has_begun = 0 and is_stopped = 0 and num > ?
   order by num limit ?`,
);
