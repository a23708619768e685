/** What a claim looks at: the lanes in which somebody waits for a worker, and of those that it serves the runs that are due longest. */
import { query } from '../query.ts';

/** Lanes looked at in one scan; a claim goes on behind the last one until it finds something. */
export const LANES_A_SCAN = 1_000;

/** A lane with nothing due for this worker has one row without a run. */
export interface DueRun {
  readonly lane: number;
  readonly tenant: number;
  readonly workflow: string;
  readonly priority: number;
  readonly num: number | null;
  readonly due_at: number | null;
}

/** `perLane`: runs fetched of each lane at most. */
type Wanted = [
  above: number,
  workflows: readonly string[],
  versions: readonly string[],
  format: number,
  now: number,
  perLane: number,
];

/** A skip scan of the partial index: one seek a lane, and one more for its runs, however many runs and timers stand in it. */
function dueIn(condition: string): string {
  const open = `holder is null and due_at is not null and ${condition}`;
  return `
    with recursive seen (lane) as (
      (select lane from pawl.runs where ${open} and lane > $1 order by lane limit 1)
      union all
      select (select lane from pawl.runs where ${open} and lane > seen.lane order by lane limit 1)
      from seen where seen.lane is not null
    )
    select s.lane, l.tenant, l.workflow, l.priority, d.num, d.due_at
    from (select lane from seen where lane is not null limit ${LANES_A_SCAN}) s
    join pawl.lanes l on l.num = s.lane
    left join lateral (
      select r.num, r.due_at from pawl.runs r
      where r.lane = s.lane and ${open} and r.due_at <= $5 and l.format <= $4
        and exists (select from unnest($2::text[], $3::text[]) as u (w, v) where u.w = l.workflow and u.v = l.version)
      order by r.due_at, r.num limit $6) d on true
    order by s.lane, d.due_at, d.num`;
}

/** Index `runs_due`. */
export const dueRuns = query<Wanted, DueRun>(dueIn('strikes < 2'));

/** Index `runs_quarantined`. */
export const quarantinedRuns = query<Wanted, DueRun>(dueIn('strikes >= 2'));
