/** Whether there is any run. */
import { query } from '../query.ts';

/** Primary key: one row. */
export const selectAnyRun = query<[], { num: number }>('select num from pawl.runs order by num limit 1');
