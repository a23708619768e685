/** Removes the task of an attempt that has ended; one of a later attempt stays. */
import { query } from '../query.ts';

/** Index `tasks_by_step`. */
export const deleteTask = query<[run: number, path: string, attempt: number]>(
  'delete from tasks where run = ? and path = ? and attempt <= ?',
);
