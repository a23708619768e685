/** Whether anything in the store still names a holder: its worker row, a run, a task. */
import { query } from '../query.ts';

/** Primary key of `workers`, indexes `runs_held` and `tasks_held`: one seek each. */
export const holdsAnything = query<[holders: readonly string[]], { id: string }>(
  `select u.id from unnest($1::text[]) as u (id)
   left join pawl.holders h on h.id = u.id
   where coalesce(
     (select 1 from pawl.workers w where w.id = u.id),
     (select 1 from pawl.runs r where r.holder = h.num limit 1),
     (select 1 from pawl.tasks t where t.holder = h.num limit 1)) is not null`,
);
