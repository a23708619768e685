/** Whether a holder has any task. */
import { query } from '../query.ts';

/** Index `tasks_held`: one seek. */
export const hasHeldTask = query<[holder: number], { found: number }>(
  'select 1 as found from tasks where holder = ? limit 1',
);
