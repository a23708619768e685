/** An open wait and its deadline. */
import { query } from '../query.ts';

/** Primary key. */
export const selectWait = query<[run: number, path: string], { due_at: number | null }>(
  'select due_at from waits where run = ? and path = ?',
);
