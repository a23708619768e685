/** Gives a lane of tasks its number; one that has it keeps it. */
import { query } from '../query.ts';

/** The unique index of `task_lanes`. */
export const insertTaskLane = query<[tenant: number, queue: string, kind: string, priority: number]>(
  'insert into task_lanes (tenant, queue, kind, priority) values (?, ?, ?, ?) on conflict do nothing',
);
