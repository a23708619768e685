/** The number of the last task; null where there is none. */
import { query } from '../query.ts';

/** Primary key: one seek. */
export const selectLastTask = query<[], { num: number | null }>('select max(num) as num from tasks');
