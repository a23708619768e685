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
    serves: string,
    queues: string | null,
    isOutside: number,
  ]
>(
  `insert or replace into workers (id, hostname, pid, started_at, beat_at, draining, serves, queues, is_outside)
   values (?, ?, ?, ?, ?, 0, ?, ?, ?)`,
);
