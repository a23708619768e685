/** Brings a database to this Pawl's schema, one transaction a migration, or refuses one that it does not know. */
import { pawlError } from '../../errors/index.ts';
import { digestText } from '../../std/index.ts';
import type { Connection } from './connection.ts';
import {
  isMovedOn,
  isPassing,
  isStatementError,
  MOVED_ON,
  surroundingsError,
  unavailable,
} from './errors.ts';
import { migrations } from './migrations/list.ts';
import { selectMigrations } from './queries/select-migrations.ts';
import { selectSchema } from './queries/select-schema.ts';

/** "Pawl" in ASCII: who migrates holds the lock of this number. */
const LOCK = 0x5061_776c;

/**
 * Applies what is missing; older workers go on meanwhile, since a migration only adds.
 * @throws `STORE_NOT_OURS`, `STORE_TOO_NEW`, `MIGRATION_CHANGED`, `STORE_UNAVAILABLE`
 */
export async function migrate(db: Connection, location: string): Promise<void> {
  for (;;) {
    const version = await versionOf(db, location);
    if (version === migrations.length) return;
    try {
      await db.script(scriptOf(version));
    } catch (error) {
      if (isMovedOn(error) || isPassing(error)) continue;
      throw surroundingsError(error) ?? (isStatementError(error) ? error : unavailable(error));
    }
  }
}

/** The number of migrations that the database has seen. */
async function versionOf(db: Connection, location: string): Promise<number> {
  const [schema] = await db.read(selectSchema);
  if (schema?.has_schema !== true) return 0;
  if (!schema.is_ours) throw pawlError('STORE_NOT_OURS', { file: location });
  const applied = await db.read(selectMigrations);
  if (applied.length > migrations.length)
    throw pawlError('STORE_TOO_NEW', { file: location, found: applied.length, known: migrations.length });
  for (const { version, hash } of applied) {
    if (hash !== digestText(migrations[version - 1] ?? ''))
      throw pawlError('MIGRATION_CHANGED', { version, file: location });
  }
  return applied.length;
}

/** Looks at the version again under the lock: another process may have been faster. */
function scriptOf(version: number): string {
  const script = migrations[version] ?? '';
  return `
    select pg_advisory_xact_lock(${LOCK});
    do $do$ begin
      if to_regclass('pawl.migrations') is not null then
        if (select count(*) from pawl.migrations) <> ${version} then
          raise exception 'moved on' using errcode = '${MOVED_ON}';
        end if;
      end if;
    end $do$;
    ${version === 0 ? FIRST : ''}
    ${script}
    insert into pawl.migrations (version, hash, applied_at) values (${version + 1}, '${digestText(script)}', now());`;
}

const FIRST = `
create schema pawl;
create table pawl.migrations (version integer primary key, hash text not null, applied_at timestamptz not null);
`;
