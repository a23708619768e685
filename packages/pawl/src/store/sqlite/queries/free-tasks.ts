/** Takes all tasks from a holder that is gone: those that it has not begun are open again. */
import { query } from '../query.ts';

/** Index `tasks_held`. */
export const freeTasks = query<[holder: number]>(
  'update tasks set holder = null, former_holder = ?1 where holder = ?1',
);
