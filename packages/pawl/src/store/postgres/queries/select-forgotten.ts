/** Holders of runs or tasks without a row: taken for dead, they took something before they noticed, and may have died since. */
import { query } from '../query.ts';

export interface ForgottenColumns {
  readonly id: string;
  readonly held: number;
  readonly tasks: number;
}

/** Indexes `runs_held` and `tasks_held`, skip scans: one seek a holder, however much each of them holds. */
export const selectForgotten = query<[], ForgottenColumns>(
  `with recursive
     driving (holder) as (
       (select holder from pawl.runs where holder is not null order by holder limit 1)
       union all
       select (select holder from pawl.runs where holder > driving.holder order by holder limit 1)
       from driving where driving.holder is not null
     ),
     executing (holder) as (
       (select holder from pawl.tasks where holder is not null order by holder limit 1)
       union all
       select (select holder from pawl.tasks where holder > executing.holder order by holder limit 1)
       from executing where executing.holder is not null
     ),
     seen (holder) as (select holder from driving union select holder from executing)
   select h.id, (select count(*) from pawl.runs r where r.holder = h.num)::int as held,
     (select count(*) from pawl.tasks t where t.holder = h.num)::int as tasks
   from seen join pawl.holders h on h.num = seen.holder
   where not exists (select from pawl.workers w where w.id = h.id)`,
);
