/** Holders of runs or tasks without a row: taken for dead, they took something before they noticed, and may have died since. */
import { query } from '../query.ts';

export interface ForgottenColumns {
  readonly id: string;
  readonly held: number;
  readonly tasks: number;
}

/** Indexes `runs_held` and `tasks_held`, skip scans: one seek a holder, however much each of them holds. */
export const selectForgotten = query<[], ForgottenColumns>(`
  with recursive
    driving (holder) as (
      select min(holder) from runs where holder is not null
      union all
      select (select min(holder) from runs where holder > driving.holder) from driving where driving.holder is not null
    ),
    executing (holder) as (
      select min(holder) from tasks where holder is not null
      union all
      select (select min(holder) from tasks where holder > executing.holder) from executing where executing.holder is not null
    ),
    seen (holder) as (select holder from driving union select holder from executing)
  select h.id, (select count(*) from runs r where r.holder = h.num) as held,
    (select count(*) from tasks t where t.holder = h.num) as tasks
  from seen cross join holders h on h.num = seen.holder
  where not exists (select 1 from workers w where w.id = h.id)`);
