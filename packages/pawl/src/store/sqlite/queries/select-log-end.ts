/** Whose log it is, and where it ends. */
import { query } from '../query.ts';

/** Primary key. */
export const selectLogEnd = query<[num: number], { id: string; last_seq: number }>(
  'select id, last_seq from runs where num = ?',
);
