/** Tasks that were begun by a holder that is gone. */
import { query } from '../query.ts';

/** Index `tasks_lost`. */
export const lostTasks = query<[limit: number], { num: number }>(
  'select num from tasks where holder is null and has_begun = 1 order by num limit ?',
);
