/** A heartbeat: one row, never a run. */
import { query } from '../query.ts';

/** Primary key. */
export const beatWorker = query<[beatAt: number, draining: boolean, id: string], { id: string }>(
  'update pawl.workers set beat_at = $1, draining = $2 where id = $3 returning id',
);
