/** Open waits, the oldest first. */
import { query } from '../query.ts';

export interface WaitColumns {
  readonly num: number;
  readonly id: string;
  readonly workflow: string;
  readonly path: string;
  readonly kind: string;
  readonly name: string;
  readonly message: string | null;
  readonly opened_seq: number;
  readonly opened_at: number;
  readonly due_at: number | null;
}

const SELECT = `
  select w.run as num, r.id, l.workflow, w.path, w.kind, w.name, w.message, w.opened_seq, w.opened_at, w.due_at
  from pawl.waits w join pawl.runs r on r.num = w.run join pawl.lanes l on l.num = r.lane`;

/** Index `waits_by_tenant`. */
export const listTenantWaits = query<[tenant: string, kind: string, limit: number], WaitColumns>(
  `${SELECT} where w.tenant = (select num from pawl.tenants where id = $1) and w.kind = $2
   order by w.opened_at, w.run, w.opened_seq limit $3`,
);

/** Primary key of `waits`. */
export const listRunWaits = query<
  [tenant: string, id: string, kinds: readonly string[], limit: number],
  WaitColumns
>(
  `${SELECT} where r.tenant = (select num from pawl.tenants where id = $1) and r.id = $2 and w.kind = any ($3::text[])
   order by w.opened_at, w.opened_seq limit $4`,
);
