/** Chance that can be had again: a seed that is printed on failure gives the same kills at the same counts. */
import { randomInt } from 'node:crypto';
import { onTestFailed } from 'vitest';
import { fakePlatform } from '../../../packages/pawl/src/testing/index.ts';

export interface Chance {
  readonly seed: number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  oneOf<T>(list: readonly T[]): T;
  /** True in so many of a hundred cases. */
  percent(share: number): boolean;
  /** Resolves after so many milliseconds: the moment of a kill, never a wait for something to happen. */
  moment(ms: number): Promise<void>;
}

let latest: Chance | undefined;

/**
 * Chance for a test: the seed comes from `PAWL_CRASH_SEED` where that is set, and is printed when the test fails; of several in
 * one test, the latest.
 */
export function seededChance(): Chance {
  const seed = Number(process.env['PAWL_CRASH_SEED'] ?? randomInt(1_000_000));
  const chance = chanceOf(seed);
  latest = chance;
  onTestFailed(() => {
    if (latest === chance) process.stderr.write(`PAWL_CRASH_SEED=${seed}\n`);
  });
  return chance;
}

export function chanceOf(seed: number): Chance {
  const platform = fakePlatform({ seed });
  const between = (low: number, high: number): number =>
    low + Math.floor(platform.random() * (high - low + 1));
  return {
    seed,
    between,
    oneOf: (list) => list[between(0, list.length - 1)] as (typeof list)[number],
    percent: (share) => platform.random() * 100 < share,
    moment: (ms) =>
      new Promise((resolve) => {
        AbortSignal.timeout(ms).addEventListener('abort', () => resolve(), { once: true });
      }),
  };
}
