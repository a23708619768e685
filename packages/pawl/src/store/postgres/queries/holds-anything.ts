/** Whether anything in the store still names a holder: its worker row, a run, a task. */
import { query } from '../query.ts';

/** Primary key of `workers`, indexes `runs_held` and `tasks_held`: one seek each. */
export const holdsAnything = query<[holders: readonly string[]], { id: string }>(
  `select u.id from unnest($1::text[]) as u (id)
   left join pawl.holders h on h.id = u.id
   where exists (select from pawl.workers w where w.id = u.id)
     or exists (select from pawl.runs r where r.holder = h.num)
     or exists (select from pawl.tasks t where t.holder = h.num)`,
);
