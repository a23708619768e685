/** Removes a worker's row. */
import { query } from '../query.ts';

/** Primary key. */
export const deleteWorker = query<[id: string]>('delete from workers where id = ?');
