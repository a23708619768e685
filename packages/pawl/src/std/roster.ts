/** Who is here right now: a map for values that come and go all the time. */

/**
 * V8 links every table that a `Map` or `Set` has outgrown to the one that replaced it. Where entries come and go, one that reached
 * the old generation keeps all later ones alive, with whatever stood in them, until the next major collection: what ended long ago
 * is copied and promoted at every minor one. So only keys and numbers stand in a map here; values have places that are used again.
 */
export class Roster<K extends string | number, V extends object> {
  readonly #places = new Map<K, number>();
  readonly #values: (V | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.size;
  }

  has(key: K): boolean {
    return this.#places.has(key);
  }

  get(key: K): V | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#values[place];
  }

  set(key: K, value: V): void {
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.#free.pop() ?? this.#values.length;
      this.#places.set(key, place);
    }
    this.#values[place] = value;
  }

  delete(key: K): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    this.#places.delete(key);
    this.#values[place] = undefined;
    this.#free.push(place);
  }

  /** In no order. What is deleted on the way is not visited any more. */
  *values(): Generator<V> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }
}
