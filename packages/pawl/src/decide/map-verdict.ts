/** The verdict on a map: whether what its items have come to is enough, or can never be. */
import type { MapStrategy } from '../graph/index.ts';

export interface MapTally {
  readonly strategy: MapStrategy;
  readonly total: number;
  /** Good items that it takes. */
  readonly needed: number;
  readonly good: number;
  /** Items that ended without being good: they never count toward what is needed. */
  readonly bad: number;
}

/** `reached`: the rest is not needed any more; `missed`: too few are left. */
export type MapVerdict = 'wait' | 'reached' | 'missed';

export function judgeMap({ strategy, total, needed, good, bad }: MapTally): MapVerdict {
  if (bad > total - needed) return 'missed';
  const isEnough = strategy === 'first' || strategy === 'quorum' ? good >= needed : good + bad === total;
  return isEnough ? 'reached' : 'wait';
}

/** A quorum is more than half where nobody says how many. */
export function neededOf(strategy: MapStrategy, total: number, minSuccess: number | undefined): number {
  if (strategy === 'first') return 1;
  if (strategy === 'all') return total;
  return minSuccess ?? Math.floor(total / 2) + 1;
}
