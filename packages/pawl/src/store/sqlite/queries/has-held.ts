/** Whether a holder has any run. */
import { query } from '../query.ts';

/** Index `runs_held`: one seek. */
export const hasHeld = query<[holder: number], { found: number }>(
  'select 1 as found from runs where holder = ? limit 1',
);
