/** Reads a run's log: every event checked, every large payload put back, no seq missing. */
import { pawlError } from '../../errors/index.ts';
import type { RunRef, StoredEvent } from '../../run/index.ts';
import { type BlobRef, decodeEvent, eventName } from '../index.ts';
import type { Connection } from './connection.ts';
import type { Names } from './names.ts';
import { selectBlob } from './queries/select-blob.ts';
import { type EventColumns, selectEvents } from './queries/select-events.ts';
import { selectLogEnd } from './queries/select-log-end.ts';
import { selectNum } from './queries/select-num.ts';

/** The number of a run; undefined where there is none. */
export function numOf(db: Connection, names: Names, run: RunRef): number | undefined {
  if (run.num !== undefined) return run.num;
  const tenant = names.tenant(run.tenant);
  return tenant === undefined ? undefined : db.get(selectNum, tenant, run.runId)?.num;
}

export interface EventPage {
  readonly num: number;
  readonly runId: string;
  readonly afterSeq: number;
  readonly limit: number;
}

/**
 * The row of the run is read first: its log ends where the row says, or further on.
 * @throws `STORE_CORRUPT` naming the event that is missing or damaged.
 */
export function readEvents(db: Connection, page: EventPage): StoredEvent[] {
  const end = db.get(selectLogEnd, page.num);
  if (end !== undefined && end.id !== page.runId)
    throw pawlError('STORE_CORRUPT', { what: `the row of run ${page.runId} is that of another one` });
  const rows = db.all(selectEvents, page.num, page.afterSeq, page.limit);
  const events = rows.map((row, index) => {
    const expected = page.afterSeq + index + 1;
    if (row.seq === expected) return decode(db, page, row);
    throw missing(page, expected);
  });
  const next = page.afterSeq + events.length + 1;
  if (events.length < page.limit && end !== undefined && next <= end.last_seq) throw missing(page, next);
  return events;
}

function missing({ runId }: EventPage, seq: number): Error {
  return pawlError('STORE_CORRUPT', { what: `${eventName(runId, seq)} is missing` });
}

function decode(db: Connection, { num, runId }: EventPage, row: EventColumns): StoredEvent {
  if (row.blob === null) return decodeEvent({ ...row, num, blob: null }, runId);
  const found = db.get(selectBlob, row.blob);
  const blob: BlobRef = { digest: row.blob, bytes: found?.bytes ?? 0 };
  const body: unknown = found?.body; // of a damaged row also a number, or bytes
  return decodeEvent({ ...row, num, blob, payload: typeof body === 'string' ? body : null }, runId);
}
