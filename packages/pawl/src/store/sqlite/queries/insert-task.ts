/** Lets an attempt of a step wait for a worker; one of an earlier attempt of the step is none any more. */
import { query } from '../query.ts';

/** Index `tasks_by_step`. */
export const insertTask = query<
  [
    run: number,
    path: string,
    attempt: number,
    lane: number,
    createdAt: number,
    isStopped: number,
    body: string,
  ]
>(
  `insert into tasks (run, path, attempt, lane, created_at, is_stopped, holder, former_holder, epoch, has_begun, body)
   values (?, ?, ?, ?, ?, ?, null, null, 0, 0, ?)
   on conflict (run, path) do update set attempt = excluded.attempt, lane = excluded.lane, created_at = excluded.created_at,
     is_stopped = excluded.is_stopped, holder = null, former_holder = null, has_begun = 0, body = excluded.body`,
);
