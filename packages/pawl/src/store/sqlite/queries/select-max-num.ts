/** The highest number of a run: the next one is given while the write lock is held. */
import { query } from '../query.ts';

/** One seek to the end of the primary key. */
export const selectMaxNum = query<[], { num: number | null }>('select max(num) as num from runs');
