/** The lanes in which a task waits to be begun, each with what claims look at. */
import { query } from '../query.ts';

/** Lanes looked at in one scan; a claim goes on behind the last one until it finds something. */
export const TASK_LANES_A_SCAN = 1_000;

export interface OpenTaskLane {
  readonly lane: number;
  readonly tenant: number;
  readonly queue: string;
  readonly kind: string;
  readonly priority: number;
}

const OPEN = 'holder is null and has_begun = 0 and is_stopped = 0';

/** Index `tasks_open`, a skip scan: one seek a lane, however many tasks stand in it; primary key of `task_lanes`. */
export const openTaskLanes = query<[above: number], OpenTaskLane>(`
  with recursive seen (lane) as (
    select min(lane) from tasks where ${OPEN} and lane > ?
    union all
    select (select min(lane) from tasks where ${OPEN} and lane > seen.lane) from seen where seen.lane is not null
    limit ${TASK_LANES_A_SCAN}
  )
  select seen.lane, l.tenant, l.queue, l.kind, l.priority
  from seen cross join task_lanes l on l.num = seen.lane where seen.lane is not null`);
