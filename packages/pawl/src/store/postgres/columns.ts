/** Rows on their way to the server, column by column: an array each, in binary form. */
import { Buffer } from 'node:buffer';
import { arrayBytes, type Element, writeArray } from './binary-array.ts';
import type { Column } from './queries/commit-set.ts';

export class Columns {
  readonly #spec: readonly Column[];
  readonly #values: Element[][];
  /** Columns in which anything stands. */
  readonly #isSet: boolean[];

  constructor(spec: readonly Column[]) {
    this.#spec = spec;
    this.#values = spec.map(() => []);
    this.#isSet = spec.map(() => false);
  }

  /** A value for each column, in their order. */
  add(row: readonly Element[]): void {
    for (let index = 0; index < row.length; index += 1) {
      const value = row[index] as Element;
      (this.#values[index] as Element[]).push(value);
      if (value !== null) this.#isSet[index] = true;
    }
  }

  row(index: number): readonly Element[] {
    return this.#values.map((values) => values[index] ?? null);
  }

  get length(): number {
    return this.#values[0]?.length ?? 0;
  }

  /** A column that is null everywhere is null as a whole. @throws RangeError where a number does not fit */
  params(): (Buffer | null)[] {
    const bytes = this.#spec.map(([, type], index) =>
      this.#isSet[index] === true ? arrayBytes(type, this.#values[index] as Element[]) : 0,
    );
    // one piece of memory for all: each of its own is work for the garbage collector
    const buffer = Buffer.allocUnsafe(bytes.reduce((sum, size) => sum + size, 0));
    let start = 0;
    return this.#spec.map(([, type], index) => {
      if (bytes[index] === 0) return null;
      const end = writeArray(buffer, start, { type, values: this.#values[index] as Element[] });
      const written = buffer.subarray(start, end);
      start = end;
      return written;
    });
  }
}
