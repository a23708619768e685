/** Removes a worker's row. */
import { query } from '../query.ts';

/** Primary key. */
export const deleteWorker = query<[id: string]>('delete from pawl.workers where id = $1');
