/** The lanes in which somebody waits for a worker, each with its earliest due time. */
import { query } from '../query.ts';

/** Lanes looked at in one scan; a claim goes on behind the last one until it finds something. */
export const LANES_A_SCAN = 1_000;

export interface DueLane {
  readonly lane: number;
  readonly due_at: number;
}

/** A skip scan of the partial index: two seeks a lane, however many runs and timers stand in it. */
function skipScan(condition: string): string {
  return `
    with recursive seen (lane) as (
      select min(lane) from runs where ${condition} and lane > ?
      union all
      select (select min(lane) from runs where ${condition} and lane > seen.lane) from seen where seen.lane is not null
      limit ${LANES_A_SCAN}
    )
    select lane, (select min(due_at) from runs where lane = seen.lane and ${condition}) as due_at
    from seen where lane is not null`;
}

/** Index `runs_due`. */
export const dueLanes = query<[above: number], DueLane>(
  skipScan('holder is null and due_at is not null and strikes < 2'),
);

/** Index `runs_quarantined`. */
export const quarantinedLanes = query<[above: number], DueLane>(
  skipScan('holder is null and due_at is not null and strikes >= 2'),
);
