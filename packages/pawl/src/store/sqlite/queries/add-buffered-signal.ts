/** Counts a signal that nobody waits for yet. */
import { query } from '../query.ts';

/** Primary key. */
export const addBufferedSignal = query<[run: number, name: string]>(
  `insert into buffered_signals (run, name, count) values (?, ?, 1)
   on conflict (run, name) do update set count = count + 1`,
);
