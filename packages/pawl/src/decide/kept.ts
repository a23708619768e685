/** Values that change in place, and are copied first where somebody keeps them as they were. */

export class Kept<Value> {
  #values: Record<string, Value>;
  #keepers = 0;

  constructor(values: Record<string, Value>) {
    this.#values = values;
  }

  /** As they are until the next change. */
  get values(): Readonly<Record<string, Value>> {
    return this.#values;
  }

  /** Whether somebody keeps them as they are now. */
  get isKept(): boolean {
    return this.#keepers > 0;
  }

  /** As they are now, until they are released. */
  keep(): Readonly<Record<string, Value>> {
    this.#keepers++;
    return this.#values;
  }

  /** By each keeper once: what nobody keeps any more needs no copy. */
  release(values: Readonly<Record<string, Value>>): void {
    if (values === this.#values) this.#keepers--;
  }

  /** The values to be changed. */
  change(): Record<string, Value> {
    if (this.isKept) this.#values = { ...this.#values };
    this.#keepers = 0;
    return this.#values;
  }
}
