/** Takes all runs from a holder that is gone; those that were due count a strike where one is given. */
import { query } from '../query.ts';

/** Index `runs_held`. */
export const freeRuns = query<[strike: number, now: number, holder: number], { num: number }>(
  `update runs set holder = null, strikes = strikes + iif(due_at <= ?2, ?1, 0) where holder = ?3 returning num`,
);
