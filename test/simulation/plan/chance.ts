/** A seeded source of chance: the same seed gives the same numbers, on every machine. */

export interface Chance {
  /** A whole number from 0, below `limit`. */
  below(limit: number): number;
  /** A whole number from `least` to `most`. */
  from(least: number, most: number): number;
  /** True so often: 0 never, 1 always. */
  is(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A number in [0, 1). */
  next(): number;
  /** A source of its own: what is drawn from it changes nothing here. */
  fork(name: string): Chance;
}

export function chanceOf(seed: number, name = ''): Chance {
  const start = mix(seed, name);
  let state = start;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    from: (least, most) => least + below(most - least + 1),
    is: (share) => next() < share,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    fork: (label) => chanceOf(start, label),
  };
}

/** FNV-1a over a name, begun at a seed. */
export function mix(seed: number, text: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}
