/** Reads a run's log: every event checked, every large payload put back, no seq missing. */
import { pawlError } from '../../errors/index.ts';
import type { RunRef, StoredEvent } from '../../run/index.ts';
import { checksumOf, decodeEvent, type EncodedEvent, eventName } from '../index.ts';
import { columnsChecksum, placeOf } from './checksum.ts';
import type { Connection } from './connection.ts';
import { type EventColumns, selectEvents, selectEventsById } from './queries/select-events.ts';

export interface EventPage {
  readonly run: RunRef;
  readonly afterSeq: number;
  readonly limit: number;
}

/** @throws `STORE_CORRUPT` naming the event that is missing or damaged. */
export async function readEvents(db: Connection, page: EventPage): Promise<StoredEvent[]> {
  const { run, afterSeq, limit } = page;
  const rows =
    run.num === undefined
      ? await db.read(selectEventsById, afterSeq, limit, run.tenant, run.runId)
      : await db.read(selectEvents, afterSeq, limit, run.num);
  const [head] = rows;
  if (head === undefined) return [];
  if (head.id !== run.runId)
    throw pawlError('STORE_CORRUPT', { what: `the row of run ${run.runId} is that of another one` });
  const events = rows.filter(isEvent).map((row, index) => {
    const expected = afterSeq + index + 1;
    if (row.seq !== expected) throw missing(page, expected);
    return decode(row, run.runId);
  });
  const next = afterSeq + events.length + 1;
  if (events.length < limit && next <= head.last_seq) throw missing(page, next);
  return events;
}

type PresentColumns = EventColumns & { readonly seq: number };

function isEvent(row: EventColumns): row is PresentColumns {
  return row.seq !== null;
}

function missing({ run }: EventPage, seq: number): Error {
  return pawlError('STORE_CORRUPT', { what: `${eventName(run.runId, seq)} is missing` });
}

function decode(row: PresentColumns, runId: string): StoredEvent {
  const { num, seq, at, type, path, actor, data } = row;
  const blob = row.blob === null ? null : { digest: row.blob, bytes: row.bytes ?? 0 };
  const columns: EncodedEvent = {
    type,
    path,
    actor,
    data,
    payload: blob === null ? row.payload : row.body,
    blob,
  };
  const place = { num, seq, at };
  const isWhole = (columnsChecksum(columns) ^ placeOf(place)) === row.crc;
  const crc = checksumOf(place, columns);
  return decodeEvent({ ...columns, ...place, crc: isWhole ? crc : ~crc }, runId);
}
