/** The earliest due time among runs that nobody holds, in lanes that a worker serves. */
import { query } from '../query.ts';

/** A skip scan: two seeks a lane. Of lanes in quarantine only what is still to come: what is overdue waits for a place there. */
function earliest(condition: string, more: string): string {
  const open = `holder is null and due_at is not null and ${condition}`;
  return `
    (with recursive seen (lane) as (
      (select lane from pawl.runs where ${open} order by lane limit 1)
      union all
      select (select lane from pawl.runs where ${open} and lane > seen.lane order by lane limit 1)
      from seen where seen.lane is not null
    )
    select min(d.due_at) as due_at from seen s
    join pawl.lanes l on l.num = s.lane
    cross join lateral (
      select r.due_at from pawl.runs r where r.lane = s.lane and ${open} ${more} order by r.due_at limit 1) d
    where l.format <= $3
      and exists (select from unnest($1::text[], $2::text[]) as u (w, v) where u.w = l.workflow and u.v = l.version))`;
}

/** Indexes `runs_due` and `runs_quarantined`. */
export const nextDue = query<
  [workflows: readonly string[], versions: readonly string[], format: number, now: number],
  { due_at: number | null }
>(
  `select least(o.due_at, q.due_at) as due_at
   from ${earliest('strikes < 2', '')} o, ${earliest('strikes >= 2', 'and r.due_at > $4')} q`,
);
