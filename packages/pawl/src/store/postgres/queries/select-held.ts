/** Whole runs of one holder. */
import { query } from '../query.ts';
import { type RunColumns, SELECT_RUNS } from './run-columns.ts';

/** Index `runs_held`. */
export const selectHeld = query<[holder: string], RunColumns>(
  `${SELECT_RUNS} where r.holder = (select num from pawl.holders where id = $1) order by r.num`,
);
