/** Gives a run that nobody holds to a holder, in a new epoch. */
import { query } from '../query.ts';

/** Primary key. */
export const takeRun = query<[holder: number, num: number]>(
  'update runs set holder = ?, epoch = epoch + 1 where num = ? and holder is null',
);
