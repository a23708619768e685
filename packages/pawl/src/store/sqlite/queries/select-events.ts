/** A page of a run's log. */
import { query } from '../query.ts';

export interface EventColumns {
  readonly seq: number;
  readonly at: number;
  readonly type: number;
  readonly path: string | null;
  readonly actor: string | null;
  readonly data: string;
  readonly payload: string | null;
  readonly blob: string | null;
  readonly crc: number;
}

/** Index `events_by_run`. */
export const selectEvents = query<[run: number, afterSeq: number, limit: number], EventColumns>(
  `select seq, at, type, path, actor, data, payload, blob, crc
   from events where run = ? and seq > ? order by seq limit ?`,
);
