/** Chance that can be had again: a seed that is printed on failure gives the same kills at the same counts. */
import { randomInt } from 'node:crypto';
import { fakePlatform } from '../../../packages/pawl/src/testing/index.ts';

export interface Chance {
  readonly seed: number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  oneOf<T>(list: readonly T[]): T;
  /** True in so many of a hundred cases. */
  percent(share: number): boolean;
}

/** The seed comes from `PAWL_CRASH_SEED` where it is set. */
export function chanceOf(seed = Number(process.env['PAWL_CRASH_SEED'] ?? randomInt(1_000_000))): Chance {
  const { random } = fakePlatform({ seed });
  const between = (low: number, high: number): number => low + Math.floor(random() * (high - low + 1));
  return {
    seed,
    between,
    oneOf: (list) => list[between(0, list.length - 1)] as (typeof list)[number],
    percent: (share) => random() * 100 < share,
  };
}
