/** Takes everything from a holder that is gone, and its row; its runs that were due count a strike, unless it was draining. */
import { query } from '../query.ts';

/**
 * Index `runs_held`; the rows are locked in order of their numbers. `strike` null: as its worker row says. The worker's row goes
 * where `forget` says so.
 */
export const freeHolder = query<
  [holder: string, now: number, strike: number | null, forget: boolean],
  { num: number }
>('select pawl.free_1($1, $2, $3::int, $4::boolean) as num');
