/** Lets nobody begin the tasks of a run, or lets them go on. */
import { query } from '../query.ts';

/** Index `tasks_by_step`. */
export const stopTasks = query<[isStopped: number, run: number]>(
  'update tasks set is_stopped = ? where run = ?',
);
