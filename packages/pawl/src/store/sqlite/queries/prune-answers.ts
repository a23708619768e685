/** Drops the oldest answers that nobody can ask for any more: at most two, run with every insert, so that the table stays a day long. */
import { query } from '../query.ts';

/** The head of the table in order of insertion: two rows are looked at. */
export const pruneAnswers = query<[before: number]>(
  'delete from answers where rowid in (select rowid from answers order by rowid limit 2) and at < ?',
);
