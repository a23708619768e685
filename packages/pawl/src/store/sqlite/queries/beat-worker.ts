/** A heartbeat: one row, never a run; answers how many other engines are registered. */
import { query } from '../query.ts';

/** Primary key. */
export const beatWorker = query<[beatAt: number, draining: number, id: string], { others: number }>(
  'update workers set beat_at = ?, draining = ? where id = ? returning (select count(*) - 1 from workers where is_outside = 0) as others',
);
