/** A heartbeat: one row, never a run; answers which transaction it was, what had ended when it began, and what time it is there. */
import { query } from '../query.ts';
import { SERVER_NOW } from './select-now.ts';

/** Primary key. */
export const beatWorker = query<
  [beatAt: number, draining: boolean, id: string],
  { xid: string; snapshot: string; now: number }
>(
  `update pawl.workers set beat_at = $1, draining = $2 where id = $3
   returning pg_current_xact_id()::text as xid, pg_current_snapshot()::text as snapshot, ${SERVER_NOW} as now`,
);
