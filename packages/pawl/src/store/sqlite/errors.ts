/** What SQLite's result codes (https://sqlite.org/rescode.html) mean for the caller. */
import { pawlError, type PawlError } from '../../errors/index.ts';

const ERROR = 1;
const BUSY = 5;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;
const IOERR = 10;
/** NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL and BUSY: the surroundings failed, not the statement. */
const SURROUNDINGS: ReadonlySet<number> = new Set([7, READONLY, 9, IOERR, FULL, CANTOPEN, 15, BUSY, 6]);

/** The primary result code of an error of SQLite; undefined for any other error. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const { errcode } = error as { errcode?: unknown }; // only errors of node:sqlite carry one
  return typeof errcode === 'number' ? errcode & 0xff : undefined;
}

export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === BUSY;
}

export function isNotADatabase(error: unknown): boolean {
  return sqliteCode(error) === NOTADB;
}

export function isReadOnly(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === READONLY || code === CANTOPEN;
}

/** The error for the caller where the surroundings failed or the file is damaged; undefined where the statement itself is at fault. */
export function surroundingsError(error: unknown): PawlError | undefined {
  const code = sqliteCode(error);
  if (code === undefined) return undefined;
  const problem = (error as Error).message;
  if (code === CORRUPT || code === NOTADB)
    return pawlError('STORE_CORRUPT', { what: problem }, { cause: error });
  return SURROUNDINGS.has(code) ? pawlError('STORE_UNAVAILABLE', { problem }, { cause: error }) : undefined;
}

/** The same for a read, and for the opening: our statements fit our schema, so where one does not, the schema is damaged. */
export function readError(error: unknown): unknown {
  if (sqliteCode(error) !== ERROR) return surroundingsError(error) ?? error;
  return pawlError('STORE_CORRUPT', { what: `the schema: ${(error as Error).message}` }, { cause: error });
}

/**
 * The error of a COMMIT that threw. With a full disk its commit frame was not written, so that it certainly did not happen;
 * after a failed sync nobody knows: the frame may be found by a recovery.
 */
export function commitError(error: unknown): PawlError {
  const problem = error instanceof Error ? error.message : String(error);
  const code = sqliteCode(error);
  const isKnown = code === FULL || code === BUSY;
  return pawlError(isKnown ? 'STORE_UNAVAILABLE' : 'STORE_UNKNOWN', { problem }, { cause: error });
}
