/** Closes a wait: it is listed no more. */
import { query } from '../query.ts';

/** Primary key. */
export const deleteWait = query<[run: number, path: string]>('delete from waits where run = ? and path = ?');
