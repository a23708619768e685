/** Chance that can be had again: a seed that is printed on failure gives the same kills at the same counts. */
import { randomInt } from 'node:crypto';

export interface Chance {
  readonly seed: number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  oneOf<T>(list: readonly T[]): T;
  /** True in so many of a hundred cases. */
  percent(share: number): boolean;
}

/** The seed comes from `PAWL_CRASH_SEED` where it is set. mulberry32 (Tommy Ettinger, public domain). */
export function chanceOf(seed = Number(process.env['PAWL_CRASH_SEED'] ?? randomInt(1_000_000))): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    seed,
    between,
    oneOf: (list) => list[between(0, list.length - 1)] as (typeof list)[number],
    percent: (share) => next() * 100 < share,
  };
}
