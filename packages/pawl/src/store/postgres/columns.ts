/** Rows on their way to the server, column by column: an array each, in binary form. */
import type { Buffer } from 'node:buffer';
import { int2Array, int4Array, int8Array, textArray } from './binary-array.ts';
import type { Column } from './queries/commit-set.ts';

type Value = string | number | null;

export class Columns {
  readonly #spec: readonly Column[];
  readonly #values: Value[][];
  /** Columns in which anything stands. */
  readonly #isSet: boolean[];

  constructor(spec: readonly Column[]) {
    this.#spec = spec;
    this.#values = spec.map(() => []);
    this.#isSet = spec.map(() => false);
  }

  /** A value for each column, in their order. */
  add(row: readonly Value[]): void {
    for (let index = 0; index < row.length; index += 1) {
      const value = row[index] as Value;
      (this.#values[index] as Value[]).push(value);
      if (value !== null) this.#isSet[index] = true;
    }
  }

  row(index: number): readonly Value[] {
    return this.#values.map((values) => values[index] ?? null);
  }

  get length(): number {
    return this.#values[0]?.length ?? 0;
  }

  /** A column that is null everywhere is null as a whole. @throws RangeError where a number does not fit */
  params(): (Buffer | null)[] {
    return this.#spec.map(([, type], index) =>
      this.#isSet[index] === true ? arrayOf(type, this.#values[index] as Value[]) : null,
    );
  }
}

function arrayOf(type: Column[1], values: readonly Value[]): Buffer {
  switch (type) {
    case 'int2':
      return int2Array(values as readonly number[]);
    case 'int4':
      return int4Array(values as readonly (number | null)[]);
    case 'int8':
      return int8Array(values as readonly (number | null)[]);
    case 'text':
      return textArray(values as readonly (string | null)[]);
  }
}
