/** All lanes above a number: what a connection has not seen yet. */
import { query } from '../query.ts';

export interface LaneColumns {
  readonly num: number;
  readonly tenant: number;
  readonly workflow: string;
  readonly version: string;
  readonly priority: number;
  readonly format: number;
}

/** Primary key; lanes are never removed, and each is read once a connection. */
export const selectLanes = query<[above: number], LaneColumns>(
  'select num, tenant, workflow, version, priority, format from lanes where num > ? order by num',
);
