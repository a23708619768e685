/** Whole runs of one holder. */
import { query } from '../query.ts';
import { type RunColumns, SELECT_RUNS } from './run-columns.ts';

/** Index `runs_held`. */
export const selectHeld = query<[holder: number], RunColumns>(
  `${SELECT_RUNS} where r.holder = ? order by r.num`,
);
