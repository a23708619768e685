/** The CRC-32 that every event carries: what is damaged is named, never read as something else. */
import { crc32 } from 'node:zlib';
import type { EncodedEvent } from '../store.ts';

/** Where an event stands: part of its checksum, so that a row in the wrong place is found too. */
export interface EventPlace {
  /** The run's number in its store. */
  readonly num: number;
  readonly seq: number;
  readonly at: number;
}

/**
 * CRC-32 (ISO 3309) as a signed 32-bit integer, over place, type, path, actor, data and payload; a payload in the blob
 * table counts by its digest. Absent and empty texts differ.
 */
export function checksumOf(place: EventPlace, event: EncodedEvent): number {
  const value = event.blob === null ? textOf(event.payload) : `#${event.blob.digest}`;
  const { type, data } = event;
  return (
    crc32(
      `${place.num} ${place.seq} ${place.at} ${type}\n${textOf(event.path)}\n${textOf(event.actor)}\n${data}\n${value}`,
    ) | 0
  );
}

function textOf(text: string | null): string {
  return text === null ? '-' : `=${text}`;
}
