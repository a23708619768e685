/** Closes all waits of a run that ended. */
import { query } from '../query.ts';

/** Primary key. */
export const deleteRunWaits = query<[run: number]>('delete from waits where run = ?');
