/** What a claim of tasks looks at: lanes in which a task waits to be begun, with their oldest tasks, and tasks that were lost. */
import { query } from '../query.ts';

/** Lanes looked at in one scan; a claim goes on behind the last one until it has seen them all. */
export const TASK_LANES_A_SCAN = 1_000;

/** A lane that this worker does not serve has one row without a task. */
export interface OpenTask {
  readonly lane: number;
  readonly tenant: number;
  readonly priority: number;
  readonly num: number | null;
}

const OPEN = 'holder is null and not has_begun and not is_stopped';

/** Index `tasks_open`, a skip scan: one seek a lane, and one more for its tasks, however many stand in it. */
export const openTasks = query<
  [above: number, queues: readonly string[] | null, kinds: readonly string[], perLane: number],
  OpenTask
>(`
  with recursive seen (lane) as (
    (select lane from pawl.tasks where ${OPEN} and lane > $1 order by lane limit 1)
    union all
    select (select lane from pawl.tasks where ${OPEN} and lane > seen.lane order by lane limit 1)
    from seen where seen.lane is not null
  )
  select s.lane, l.tenant, l.priority, d.num
  from (select lane from seen where lane is not null limit ${TASK_LANES_A_SCAN}) s
  join pawl.task_lanes l on l.num = s.lane
  left join lateral (
    select t.num from pawl.tasks t
    where t.lane = s.lane and ${OPEN} and l.kind = any ($3::text[]) and ($2::text[] is null or l.queue = any ($2::text[]))
    order by t.num limit $4) d on true
  order by s.lane, d.num`);

/** Index `tasks_lost`. */
export const lostTasks = query<[limit: number], { num: number }>(
  'select num from pawl.tasks where holder is null and has_begun order by num limit $1',
);
