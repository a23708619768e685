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
  readonly has_begun: boolean;
  readonly former_holder: string | null;
}

/** Primary keys of `runs`, `tenants`, `task_lanes` and `holders`, for the rows that stand as `t`. */
export const TASK_COLUMNS = `t.run, r.id, n.id as tenant, t.path, t.attempt, l.kind, l.queue, t.body, t.epoch, t.has_begun,
  h.id as former_holder`;
export const WITH_RUN = `join pawl.runs r on r.num = t.run join pawl.tenants n on n.num = r.tenant
  join pawl.task_lanes l on l.num = t.lane left join pawl.holders h on h.num = t.former_holder`;

/** Index `tasks_held`. */
export const selectHeldTasks = query<[holder: string], TaskColumns>(
  `select ${TASK_COLUMNS} from pawl.tasks t ${WITH_RUN}
   where t.holder = (select num from pawl.holders where id = $1) order by t.num`,
);
