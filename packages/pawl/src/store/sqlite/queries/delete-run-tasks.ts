/** Removes all tasks of a run that ended. */
import { query } from '../query.ts';

/** Index `tasks_by_step`. */
export const deleteRunTasks = query<[run: number]>('delete from tasks where run = ?');
