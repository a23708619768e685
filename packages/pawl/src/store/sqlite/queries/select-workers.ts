/** All workers, and how many runs and tasks each holds. */
import { query } from '../query.ts';
import type { WorkerColumns } from './select-worker.ts';

/** `workers` whole (one row a live engine), indexes `runs_held` and `tasks_held` for the counts. */
export const selectWorkers = query<[], WorkerColumns & { held: number; tasks: number }>(
  `select w.*, (select count(*) from runs r where r.holder = h.num) as held,
     (select count(*) from tasks t where t.holder = h.num) as tasks
   from workers w left join holders h on h.id = w.id order by w.started_at, w.id`,
);
