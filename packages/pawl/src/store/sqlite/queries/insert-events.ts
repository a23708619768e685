/** Appends events: several in one statement, which costs less than one statement each. */
import type { SQLInputValue } from 'node:sqlite';
import { query } from '../query.ts';

/** run, seq, at, type, path, actor, data, payload, blob, crc. */
export const EVENT_COLUMNS = 10;

const ROW = '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)';

function insertRows(rows: number) {
  const values = Array.from({ length: rows }, () => ROW).join(', ');
  return { rows, insert: query<SQLInputValue[]>(`insert into events values ${values}`) };
}

/** `events_by_run` refuses a seq that is taken. The largest chunk first; the last one is a single row. */
export const insertEvents = [insertRows(32), insertRows(8), insertRows(1)] as const;
