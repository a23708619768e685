/** Removes a run and every row that is about it. */
import { query } from '../query.ts';

/** Each by the primary key, or by the index that begins with the run. */
export const deleteRun = [
  query<[run: number]>('delete from events where run = ?'),
  query<[run: number]>('delete from waits where run = ?'),
  query<[run: number]>('delete from buffered_signals where run = ?'),
  query<[run: number]>('delete from tasks where run = ?'),
  query<[run: number]>('delete from answers where run = ?'),
  query<[run: number]>('delete from ledger where run = ?'),
  query<[run: number]>('delete from run_keys where run = ?'),
  query<[run: number]>('delete from runs where num = ?'),
];
