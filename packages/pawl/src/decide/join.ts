/** Joins: what the edges of a step that arrived so far make of it. */
import type { GraphStep } from '../graph/index.ts';

export interface Arrivals {
  /** Edges that are neither taken nor dead. */
  readonly pending: number;
  readonly taken: number;
}

/** `unmet`: some edges were taken, too few, and no more can come. */
export type JoinVerdict = 'wait' | 'run' | 'skip' | 'unmet';

export function judgeJoin(join: GraphStep['join'], { pending, taken }: Arrivals): JoinVerdict {
  if (join !== 'all' && taken >= join.count) return 'run';
  if (pending > 0) return 'wait';
  if (taken === 0) return 'skip';
  return join === 'all' ? 'run' : 'unmet';
}
