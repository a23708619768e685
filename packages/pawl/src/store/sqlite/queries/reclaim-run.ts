/** Puts a run that its holder still has into a new epoch. */
import { query } from '../query.ts';

/** Primary key. */
export const reclaimRun = query<[num: number, holder: number, epoch: number]>(
  'update runs set epoch = epoch + 1 where num = ? and holder = ? and epoch = ?',
);
