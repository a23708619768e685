/** All workers, and how many runs and tasks each holds. */
import { query } from '../query.ts';

export interface WorkerColumns {
  readonly id: string;
  readonly hostname: string;
  readonly pid: number;
  readonly started_at: number;
  readonly beat_at: number;
  readonly draining: boolean;
  readonly serves: string;
  /** JSON; null: all. */
  readonly queues: string | null;
  readonly is_outside: boolean;
  readonly held: number;
  readonly tasks: number;
}

/** `workers` whole (one row a live engine), indexes `runs_held` and `tasks_held` for the counts. */
export const selectWorkers = query<[], WorkerColumns>(
  `select w.id, w.hostname, w.pid, w.started_at, w.beat_at, w.draining, w.serves, w.queues, w.is_outside,
     (select count(*) from pawl.runs r where r.holder = h.num)::int as held,
     (select count(*) from pawl.tasks t where t.holder = h.num)::int as tasks
   from pawl.workers w left join pawl.holders h on h.id = w.id order by w.started_at, w.id`,
);
