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
  from waits w cross join runs r on r.num = w.run cross join lanes l on l.num = r.lane`;

/** Index `waits_by_tenant`. */
export const listTenantWaits = query<[tenant: number, kind: string, limit: number], WaitColumns>(
  `${SELECT} where w.tenant = ? and w.kind = ? order by w.opened_at limit ?`,
);

/** Primary key of `waits`. */
export const listRunWaits = query<[run: number, kinds: string, limit: number], WaitColumns>(
  `${SELECT} where w.run = ? and w.kind in (select value from json_each(?)) order by w.opened_at, w.opened_seq limit ?`,
);
