/** Arrays in the binary form of PostgreSQL: neither side has to escape and parse texts in texts. */
import { Buffer } from 'node:buffer';

/** Object ids of the types of elements, the same in every PostgreSQL. */
const INT8 = 20;
const INT2 = 21;
const INT4 = 23;
const TEXT = 25;

/** Dimensions, whether there are nulls, the type; then the length and the first index of the one dimension. */
const HEAD_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
const TWO_32 = 4_294_967_296;

/** @throws RangeError where a number does not fit, as all of these do */
export function int2Array(values: readonly number[]): Buffer {
  const buffer = head(INT2, values.length, values.length * (LENGTH_BYTES + 2));
  let at = HEAD_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(2, at);
    at = buffer.writeInt16BE(value, at);
  }
  return buffer;
}

export function int4Array(values: readonly (number | null)[]): Buffer {
  const buffer = head(INT4, values.length, sizeOf(values, 4));
  let at = HEAD_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? NULL_LENGTH : 4, at);
    if (value !== null) at = buffer.writeInt32BE(value, at);
  }
  return buffer;
}

export function int8Array(values: readonly (number | null)[]): Buffer {
  const buffer = head(INT8, values.length, sizeOf(values, 8));
  let at = HEAD_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? NULL_LENGTH : 8, at);
    if (value === null) continue;
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number below 2^53`);
    const high = Math.floor(value / TWO_32);
    at = buffer.writeInt32BE(high, at);
    at = buffer.writeUInt32BE(value - high * TWO_32, at);
  }
  return buffer;
}

export function textArray(values: readonly (string | null)[]): Buffer {
  let bytes = 0;
  for (const value of values) bytes += LENGTH_BYTES + (value === null ? 0 : Buffer.byteLength(value));
  const buffer = head(TEXT, values.length, bytes);
  let at = HEAD_BYTES;
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(NULL_LENGTH, at);
      continue;
    }
    const written = buffer.write(value, at + LENGTH_BYTES);
    at = buffer.writeInt32BE(written, at) + written;
  }
  return buffer;
}

function sizeOf(values: readonly (number | null)[], bytes: number): number {
  let size = 0;
  for (const value of values) size += value === null ? LENGTH_BYTES : LENGTH_BYTES + bytes;
  return size;
}

/** An array without elements has no dimension. */
function head(type: number, length: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(length === 0 ? 12 : HEAD_BYTES + bytes);
  buffer.writeInt32BE(length === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(1, 4); // there may be nulls
  buffer.writeInt32BE(type, 8);
  if (length === 0) return buffer;
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
}
