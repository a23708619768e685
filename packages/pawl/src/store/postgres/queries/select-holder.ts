/** The number of a holder. */
import { query } from '../query.ts';

/** Unique index on the id. */
export const selectHolder = query<[id: string], { num: number }>(
  'select num from pawl.holders where id = $1',
);
