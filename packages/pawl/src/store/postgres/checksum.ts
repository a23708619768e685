/** The checksum of a stored event: over its columns, here; with its place, which only the database knows, taken in there. */
import { checksumOf, type EncodedEvent } from '../index.ts';

const NOWHERE = { num: 0, seq: 0, at: 0 };

/** What is sent: the checksum of the columns alone. */
export function columnsChecksum(event: EncodedEvent): number {
  return checksumOf(NOWHERE, event);
}

const TWO_32 = 4_294_967_296;

/** What `pawl.place_1` makes of a place; the same arithmetic as there. */
export function placeOf(place: { readonly num: number; readonly seq: number; readonly at: number }): number {
  return (((place.num % TWO_32) * 1_000_003 + place.seq * 7_919 + place.at) % TWO_32) - TWO_32 / 2;
}
