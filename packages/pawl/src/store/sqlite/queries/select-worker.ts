/** The row of one worker, by its holder id. */
import { query } from '../query.ts';

export interface WorkerColumns {
  readonly id: string;
  readonly hostname: string;
  readonly pid: number;
  readonly started_at: number;
  readonly beat_at: number;
  readonly draining: number;
  readonly serves: string;
  /** JSON; null: all. */
  readonly queues: string | null;
  readonly is_outside: number;
}

/** Primary key. */
export const selectWorker = query<[id: string], WorkerColumns>('select * from workers where id = ?');
