/** Brings a database to this Pawl's schema, one transaction a migration, or refuses one that it does not know. */
import { pawlError } from '../../errors/index.ts';
import { digestText } from '../../std/index.ts';
import type { Connection } from './connection.ts';
import { migrations } from './migrations/list.ts';
import { insertMigration } from './queries/insert-migration.ts';
import { type MigrationRow, selectMigrations } from './queries/select-migrations.ts';
import { query } from './query.ts';

/** "Pawl" in ASCII: the application id in the header of our files. */
export const APPLICATION_ID = 0x5061_776c;

/** The number of migrations that a file has seen. */
export const userVersion = query<[], { user_version: number }>('pragma user_version');

export interface MigrateOptions {
  readonly file: string;
  readonly now: number;
}

/**
 * Applies what is missing.
 * @throws `STORE_TOO_NEW`, `MIGRATION_CHANGED`; SQLITE_BUSY while another process migrates.
 */
export function migrate(db: Connection, options: MigrateOptions): void {
  for (;;) {
    const version = db.get(userVersion)?.user_version ?? 0;
    if (version > migrations.length) {
      throw pawlError('STORE_TOO_NEW', { file: options.file, found: version, known: migrations.length });
    }
    if (version > 0) checkHashes(db.all(selectMigrations), options.file);
    if (version === migrations.length) return;
    applyNext(db, version, options);
  }
}

/** Looks at the version again under the write lock: another process may have been faster. */
function applyNext(db: Connection, version: number, options: MigrateOptions): void {
  const script = migrations[version] ?? '';
  db.begin();
  try {
    if (db.get(userVersion)?.user_version === version) {
      if (version === 0) db.exec(FIRST);
      db.exec(script);
      db.run(insertMigration, version + 1, digestText(script), options.now);
      db.exec(`pragma user_version = ${version + 1}`);
    }
    db.commit();
  } catch (error) {
    db.rollback();
    throw error;
  }
}

const FIRST = `
pragma application_id = ${APPLICATION_ID};
create table migrations (version integer primary key, hash text not null, applied_at integer not null);
`;

function checkHashes(applied: readonly MigrationRow[], file: string): void {
  for (const { version, hash } of applied) {
    if (hash !== digestText(migrations[version - 1] ?? ''))
      throw pawlError('MIGRATION_CHANGED', { version, file });
  }
}
