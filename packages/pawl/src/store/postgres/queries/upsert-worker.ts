/** Writes a worker's row. */
import { query } from '../query.ts';

/** Primary key. */
export const upsertWorker = query<
  [
    id: string,
    hostname: string,
    pid: number,
    startedAt: number,
    beatAt: number,
    hasLock: boolean,
    serves: string,
    queues: string | null,
    isOutside: boolean,
  ]
>(
  `insert into pawl.workers (id, hostname, pid, started_at, beat_at, draining, has_lock, serves, queues, is_outside)
   values ($1, $2, $3, $4, $5, false, $6, $7, $8, $9)
   on conflict (id) do update set hostname = excluded.hostname, pid = excluded.pid, started_at = excluded.started_at,
     beat_at = excluded.beat_at, draining = false, has_lock = excluded.has_lock, serves = excluded.serves,
     queues = excluded.queues, is_outside = excluded.is_outside`,
);
