/** Notes that the attempt of a task has begun. */
import { query } from '../query.ts';

/** Index `tasks_by_step`. */
export const beginTask = query<[run: number, path: string, attempt: number]>(
  'update tasks set has_begun = 1 where run = ? and path = ? and attempt = ?',
);
