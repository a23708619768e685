/** Notes that a run has opened a wait or got a signal, once in its life. */
import { query } from '../query.ts';

/** Primary key. */
export const markWaits = query<[num: number]>('update runs set has_waits = 1 where num = ?');
