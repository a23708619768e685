/** Tasks as their holders get them. */
import { query } from '../query.ts';

export interface TaskColumns {
  readonly run: number;
  readonly id: string;
  readonly tenant: string;
  readonly path: string;
  readonly attempt: number;
  readonly kind: string;
  readonly queue: string;
  readonly body: string;
  readonly epoch: number;
  readonly has_begun: number;
  readonly former_holder: string | null;
}

/** Primary keys of `runs`, `tenants`, `task_lanes` and `holders`. */
const SELECT = `
  select t.run, r.id, n.id as tenant, t.path, t.attempt, l.kind, l.queue, t.body, t.epoch, t.has_begun, h.id as former_holder
  from tasks t cross join runs r on r.num = t.run cross join tenants n on n.num = r.tenant
  cross join task_lanes l on l.num = t.lane left join holders h on h.num = t.former_holder`;

/** Primary key. */
export const selectTask = query<[num: number], TaskColumns>(`${SELECT} where t.num = ?`);

/** Index `tasks_held`. */
export const selectHeldTasks = query<[holder: number], TaskColumns>(
  `${SELECT} where t.holder = ? order by t.num`,
);
