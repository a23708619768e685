/** The oldest open wait for a signal of this name. */
import { query } from '../query.ts';

/** Primary key: reads the open waits of one run. */
export const selectSignalWait = query<[run: number, name: string], { path: string }>(
  `select path from waits where run = ? and kind = 'signal' and name = ? order by opened_seq limit 1`,
);
