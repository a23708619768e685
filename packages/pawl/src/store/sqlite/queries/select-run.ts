/** One whole run, by its number. */
import { query } from '../query.ts';
import { type RunColumns, SELECT_RUNS } from './run-columns.ts';

/** Primary key. */
export const selectRun = query<[num: number], RunColumns>(`${SELECT_RUNS} where r.num = ?`);
