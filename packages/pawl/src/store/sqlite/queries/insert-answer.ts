/** Keeps the answer of an external batch for a resend. */
import { query } from '../query.ts';

export const insertAnswer = query<[run: number, id: string, at: number, answer: string | null]>(
  'insert into answers (run, id, at, answer) values (?, ?, ?, ?)',
);
