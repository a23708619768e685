/** Who has the task of a step, and in which attempt. */
import { query } from '../query.ts';

/** Index `tasks_by_step`. */
export const selectTaskFence = query<
  [run: number, path: string],
  { attempt: number; holder: number | null; epoch: number }
>('select attempt, holder, epoch from tasks where run = ? and path = ?');
