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

/** What an array is made of; it has one element at least. */
export interface ArrayValues {
  readonly type: ElementType;
  readonly values: readonly Element[];
}

/** Writes it from this place on, and answers where it ends. @throws RangeError where a number does not fit */
export function writeArray(buffer: Buffer, start: number, { type, values }: ArrayValues): number {
  let at = buffer.writeInt32BE(1, start);
  at = buffer.writeInt32BE(1, at); // there may be nulls
  at = buffer.writeInt32BE(TYPE_IDS[type], at);
  at = buffer.writeInt32BE(values.length, at);
  at = buffer.writeInt32BE(1, at);
  const write = WRITERS[type];
  for (const value of values)
    at = value === null ? buffer.writeInt32BE(NULL_LENGTH, at) : write(buffer, at, value);
  return at;
}

type Writer = (buffer: Buffer, at: number, value: string | number) => number;

/** Each writes the length of the value, and the value. */
const WRITERS: Readonly<Record<ElementType, Writer>> = {
  int2: (buffer, at, value) => buffer.writeInt16BE(value as number, buffer.writeInt32BE(INT_BYTES.int2, at)),
  int4: (buffer, at, value) => buffer.writeInt32BE(value as number, buffer.writeInt32BE(INT_BYTES.int4, at)),
  int8: (buffer, at, value) => writeLong(buffer, buffer.writeInt32BE(INT_BYTES.int8, at), value as number),
  text: (buffer, at, value) => {
    const written = buffer.write(value as string, at + LENGTH_BYTES);
    return buffer.writeInt32BE(written, at) + written;
  },
};

function writeLong(buffer: Buffer, at: number, value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no whole number below 2^53`);
  const high = Math.floor(value / TWO_32);
  return buffer.writeUInt32BE(value - high * TWO_32, buffer.writeInt32BE(high, at));
}
