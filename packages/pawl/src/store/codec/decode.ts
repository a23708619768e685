/** A row as the event it was, or an error that names it. */
import { pawlError } from '../../errors/index.ts';
import { EVENT_DATA, type EventType, type NewEvent, type StoredEvent } from '../../run/index.ts';
import { digestText } from '../../std/index.ts';
import type { EncodedEvent } from '../store.ts';
import { checksumOf, type EventPlace } from './checksum.ts';
import { typeOfCode } from './event-codes.ts';
import { unpackData } from './pack.ts';

/** What a store reads of an event: its columns, its place, and the checksum that was written with them. */
export interface EventRow extends EncodedEvent, EventPlace {
  readonly crc: number;
}

/** How an error names a run and an event. */
export function eventName(runId: string, seq: number): string {
  return `event ${seq} of run ${runId}`;
}

/**
 * The event of a row whose blob, if any, was put into `payload`.
 * @throws `STORE_CORRUPT` where the checksum, the blob's digest, the type or the schema does not fit.
 */
export function decodeEvent(row: EventRow, runId: string): StoredEvent {
  const name = eventName(runId, row.seq);
  if (checksumOf(row, row) !== row.crc) throw corrupt(`the checksum of ${name} does not fit`);
  if (row.blob !== null && (row.payload === null || digestText(row.payload) !== row.blob.digest)) {
    throw corrupt(
      `the blob ${row.blob.digest} of ${name} is ${row.payload === null ? 'missing' : 'changed'}`,
    );
  }
  const type = typeOfCode(row.type);
  if (type === undefined) throw corrupt(`${name} has the type ${row.type}, which this Pawl does not know`);
  const event: Draft = { seq: row.seq, at: row.at, type, data: dataOf(type, row.data, name) };
  if (row.path !== null) event.path = row.path;
  if (row.actor !== null) event.actor = row.actor;
  if (row.payload !== null) event.payload = row.payload;
  return event as StoredEvent; // the schema of the type was applied to the data
}

/** An event while it is put together. */
type Draft = { seq: number; at: number; type: EventType; data: NewEvent['data'] } & {
  path?: string;
  actor?: string;
  payload?: string;
};

function dataOf(type: EventType, text: string, name: string): NewEvent['data'] {
  const result = EVENT_DATA[type].safeParse(unpacked(type, text, name));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw corrupt(`the data of ${name} (${type}): ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

function unpacked(type: EventType, text: string, name: string): unknown {
  try {
    return unpackData(type, text);
  } catch (cause) {
    throw pawlError('STORE_CORRUPT', { what: `the data of ${name} is not JSON` }, { cause });
  }
}

function corrupt(what: string): Error {
  return pawlError('STORE_CORRUPT', { what });
}
