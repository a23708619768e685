/** Opens a database file, or says why it must not be opened; a file that is not ours is not changed. */
import { existsSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isPawlError, type PawlError, pawlError } from '../../errors/index.ts';
import { Connection } from './connection.ts';
import { isBusy, isNotADatabase, isReadOnly, readError } from './errors.ts';
import { APPLICATION_ID, migrate, userVersion } from './migrate.ts';
import { query } from './query.ts';

export const MEMORY = ':memory:';

/** Folder of the lock files of the engines that use a database. */
export function holdersFolder(file: string): string {
  return `${file}-holders`;
}

/** Set before the first page is written; later it has no effect. */
const BEFORE = 'pragma page_size = 4096;';

/**
 * `full` is the promise: a commit that was answered survives a power cut. It is set explicitly, whatever the build's default is,
 * with the barrier that macOS needs. 32 MiB of cache; a checkpoint every 4 MiB of log, a log file of at most 64 MiB.
 */
const PRAGMAS = `
  pragma synchronous = full;
  pragma fullfsync = on;
  pragma checkpoint_fullfsync = on;
  pragma cache_size = -32768;
  pragma wal_autocheckpoint = 1000;
  pragma journal_size_limit = 67108864;
  pragma temp_store = memory;
  pragma trusted_schema = off;`;

const journalMode = query<[], { journal_mode: string }>('pragma journal_mode = wal');
const synchronous = query<[], { synchronous: number }>('pragma synchronous');
const applicationId = query<[], { application_id: number }>('pragma application_id');
const pageCount = query<[], { page_count: number }>('pragma page_count');

/**
 * One try.
 * @throws SQLITE_BUSY where another program holds the file alone, to be tried again; else `STORE_NOT_OURS`, `STORE_TOO_NEW`,
 *   `STORE_READ_ONLY`, `STORE_CORRUPT`, `MIGRATION_CHANGED`, `STORE_UNAVAILABLE`.
 */
export function openFile(file: string, now: number): Connection {
  let db: Connection | undefined;
  try {
    if (file !== MEMORY) recognize(file);
    db = new Connection(new DatabaseSync(file, { timeout: 0 }));
    requireOurs(db, file);
    db.exec(BEFORE);
    requireWritable(db);
    migrate(db, { file, now });
    const mode = db.get(journalMode)?.journal_mode;
    if (mode !== (file === MEMORY ? 'memory' : 'wal')) {
      throw pawlError('STORE_UNAVAILABLE', {
        problem: `${file} cannot have a write-ahead log (journal mode ${mode})`,
      });
    }
    db.exec(PRAGMAS);
    if (db.get(synchronous)?.synchronous !== 2) throw pawlError('INVARIANT', { rule: 'synchronous is FULL' });
    return db;
  } catch (error) {
    db?.close();
    throw isBusy(error) ? error : openError(file, error);
  }
}

/** Looks at an existing file through a connection that cannot write. */
function recognize(file: string): void {
  const stat = statOf(file);
  if (stat === undefined) makeFolder(file);
  if (stat === undefined || (stat.isFile() && stat.size === 0)) return;
  if (!stat.isFile()) throw pawlError('STORE_NOT_OURS', { file });
  let probe: Connection | undefined;
  try {
    probe = new Connection(new DatabaseSync(file, { readOnly: true, timeout: 0 }));
    requireOurs(probe, file);
  } catch (error) {
    if (!isReadOnly(error)) throw error; // a log that must be recovered first: only a writer can
  } finally {
    probe?.close();
  }
}

/** What stands under a path; undefined for nothing. @throws `STORE_UNAVAILABLE` for a path that the system does not take */
export function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw pawlError('STORE_UNAVAILABLE', { problem: (error as Error).message }, { cause: error });
  }
}

function makeFolder(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw pawlError('STORE_READ_ONLY', { file }, { cause: error });
  }
}

function requireOurs(db: Connection, file: string): void {
  if (db.get(applicationId)?.application_id === APPLICATION_ID) return;
  if ((db.get(pageCount)?.page_count ?? 0) > 0) throw pawlError('STORE_NOT_OURS', { file });
}

/**
 * Tries a write and takes it back: on a read-only file `begin immediate` is granted, and only the write fails. A file that
 * somebody else is writing right now can be written.
 */
function requireWritable(db: Connection): void {
  const version = db.get(userVersion)?.user_version ?? 0;
  try {
    db.begin();
    db.exec(`pragma user_version = ${version}`);
  } catch (error) {
    if (!isBusy(error)) throw error;
  } finally {
    db.rollback();
  }
}

function openError(file: string, error: unknown): PawlError | Error {
  if (isPawlError(error)) return error;
  if (isReadOnly(error)) return pawlError('STORE_READ_ONLY', { file }, { cause: error });
  if (isNotADatabase(error)) {
    // Its lock folder tells a damaged file of ours from a file that never was a database.
    if (!existsSync(holdersFolder(file))) return pawlError('STORE_NOT_OURS', { file }, { cause: error });
    return pawlError('STORE_CORRUPT', { what: `the header of ${file}` }, { cause: error });
  }
  const named = readError(error);
  return named instanceof Error ? named : new Error(String(named));
}
