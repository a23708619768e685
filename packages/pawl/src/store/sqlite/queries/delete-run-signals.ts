/** Forgets the buffered signals of a run that ended. */
import { query } from '../query.ts';

/** Primary key. */
export const deleteRunSignals = query<[run: number]>('delete from buffered_signals where run = ?');
