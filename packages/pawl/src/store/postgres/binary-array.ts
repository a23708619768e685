/** Arrays in the binary form of PostgreSQL: neither side has to escape and parse texts in texts. */
import { Buffer } from 'node:buffer';

export type ElementType = 'int2' | 'int4' | 'int8' | 'text';
export type Element = string | number | null;

/** Object ids of the types of elements, the same in every PostgreSQL. */
const TYPE_IDS: Readonly<Record<ElementType, number>> = { int2: 21, int4: 23, int8: 20, text: 25 };
const INT_BYTES = { int2: 2, int4: 4, int8: 8 } as const;

/** Dimensions, whether there are nulls, the type; then the length and the first index of the one dimension. */
const HEAD_BYTES = 20;
const LENGTH_BYTES = 4;
const NULL_LENGTH = -1;
const TWO_32 = 4_294_967_296;

export function arrayBytes(type: ElementType, values: readonly Element[]): number {
  let bytes = HEAD_BYTES + LENGTH_BYTES * values.length;
  for (const value of values)
    if (value !== null) bytes += type === 'text' ? Buffer.byteLength(value as string) : INT_BYTES[type];
  return bytes;
}

/** Writes an array with at least one element, and answers where it ends. @throws RangeError where a number does not fit */
export function writeArray(
  buffer: Buffer,
  start: number,
  type: ElementType,
  values: readonly Element[],
): number {
  let at = buffer.writeInt32BE(1, start);
  at = buffer.writeInt32BE(1, at); // there may be nulls
  at = buffer.writeInt32BE(TYPE_IDS[type], at);
  at = buffer.writeInt32BE(values.length, at);
  at = buffer.writeInt32BE(1, at);
  for (const value of values) {
    if (value === null) at = buffer.writeInt32BE(NULL_LENGTH, at);
    else if (type === 'text') at = writeText(buffer, at, value as string);
    else at = writeInt(buffer, buffer.writeInt32BE(INT_BYTES[type], at), type, value as number);
  }
  return at;
}

function writeText(buffer: Buffer, at: number, value: string): number {
  const written = buffer.write(value, at + LENGTH_BYTES);
  return buffer.writeInt32BE(written, at) + written;
}

function writeInt(buffer: Buffer, at: number, type: 'int2' | 'int4' | 'int8', value: number): number {
  if (type === 'int4') return buffer.writeInt32BE(value, at);
  if (type === 'int2') return buffer.writeInt16BE(value, at);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number below 2^53`);
  const high = Math.floor(value / TWO_32);
  return buffer.writeUInt32BE(value - high * TWO_32, buffer.writeInt32BE(high, at));
}
