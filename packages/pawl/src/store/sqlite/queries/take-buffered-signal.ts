/** Uses up a buffered signal, where there is one. */
import { query } from '../query.ts';

/** Primary key. */
export const takeBufferedSignal = query<[run: number, name: string]>(
  'update buffered_signals set count = count - 1 where run = ? and name = ? and count > 0',
);
