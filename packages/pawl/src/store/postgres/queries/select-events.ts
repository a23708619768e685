/** A page of a run's log, with the bodies of large payloads; one row without an event where the page is empty. */
import { query } from '../query.ts';

export interface EventColumns {
  readonly id: string;
  readonly num: number;
  readonly last_seq: number;
  /** Null where the page is empty. */
  readonly seq: number | null;
  readonly at: number;
  readonly type: number;
  readonly path: string | null;
  readonly actor: string | null;
  readonly data: string;
  readonly payload: string | null;
  readonly blob: string | null;
  readonly crc: number;
  readonly body: string | null;
  readonly bytes: number | null;
}

function select(which: string): string {
  return `select r.id, r.num, r.last_seq, e.seq, e.at, e.type, e.path, e.actor, e.data, e.payload, e.blob, e.crc, b.body, b.bytes
   from pawl.runs r
   left join lateral (select * from pawl.events where run = r.num and seq > $1 order by seq limit $2) e on true
   left join pawl.blobs b on b.digest = e.blob
   where ${which} order by e.seq`;
}

/** Primary keys of `runs`, `events` and `blobs`. */
export const selectEvents = query<[afterSeq: number, limit: number, num: number], EventColumns>(
  select('r.num = $3'),
);

/** Unique index `runs_by_id`, primary keys of `events` and `blobs`. */
export const selectEventsById = query<
  [afterSeq: number, limit: number, tenant: string, id: string],
  EventColumns
>(select('r.tenant = (select num from pawl.tenants where id = $3) and r.id = $4'));
