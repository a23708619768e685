/** All workers, and how many runs each holds. */
import { query } from '../query.ts';
import type { WorkerColumns } from './select-worker.ts';

/** `workers` whole (one row a live engine), index `runs_held` for the counts. */
export const selectWorkers = query<[], WorkerColumns & { held: number }>(
  `select w.*, (select count(*) from runs r where r.holder = h.num) as held
   from workers w left join holders h on h.id = w.id order by w.started_at, w.id`,
);
