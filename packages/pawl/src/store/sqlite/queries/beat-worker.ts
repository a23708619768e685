/** A heartbeat: one row, never a run. */
import { query } from '../query.ts';

/** Primary key. */
export const beatWorker = query<[beatAt: number, draining: number, id: string]>(
  'update workers set beat_at = ?, draining = ? where id = ?',
);
