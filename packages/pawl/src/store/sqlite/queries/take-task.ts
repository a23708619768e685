/** Gives a task that nobody holds to a holder, in a new epoch. */
import { query } from '../query.ts';

/** Primary key. */
export const takeTask = query<[holder: number, num: number]>(
  'update tasks set holder = ?, epoch = epoch + 1 where num = ? and holder is null',
);
