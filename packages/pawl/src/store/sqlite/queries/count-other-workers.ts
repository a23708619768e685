/** How many engines other than one are registered. */
import { query } from '../query.ts';

/** Primary key: one row a live engine. */
export const countOtherWorkers = query<[id: string], { others: number }>(
  'select count(*) as others from workers where id <> ? and is_outside = 0',
);
