/** Opens the SQLite store: the file, its locks, its limits. */
import { resolve } from 'node:path';
import { pawlError } from '../../errors/index.ts';
import { DEFAULT_STORE_LIMITS, type Store, type StoreLimits } from '../index.ts';
import type { Connection } from './connection.ts';
import { isBusy } from './errors.ts';
import { FileLocks, type LivenessLocks, NoLocks } from './liveness-locks.ts';
import { holdersFolder, MEMORY, openFile } from './open-file.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { StorePlatform } from './writer.ts';

export interface SqliteOptions extends StorePlatform {
  /** A file, made with its folder where it is missing, or `:memory:`. */
  readonly path: string;
  readonly limits?: Partial<StoreLimits> | undefined;
  /** How engines prove that they live; lock files beside the database unless a simulation brings its own. */
  readonly locks?: LivenessLocks | undefined;
}

/** A file that another program holds alone is asked for again for this long. */
const OPEN_LIMIT_MS = 5_000;
const OPEN_AGAIN_MS = 10;

/**
 * @throws `STORE_NOT_OURS`, `STORE_TOO_NEW`, `STORE_READ_ONLY`, `STORE_LOCKED`, `STORE_CORRUPT`, `MIGRATION_CHANGED`,
 *   `STORE_UNAVAILABLE`.
 */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const platform: StorePlatform = options;
  const file = options.path === MEMORY ? MEMORY : resolve(options.path);
  const db = await openPatiently(file, platform);
  const locks = options.locks ?? (file === MEMORY ? new NoLocks() : new FileLocks(holdersFolder(file)));
  return new SqliteStore({
    db,
    file,
    platform,
    limits: { ...DEFAULT_STORE_LIMITS, ...options.limits },
    locks,
  });
}

async function openPatiently(file: string, platform: StorePlatform): Promise<Connection> {
  const { clock } = platform;
  const start = clock.monotonic();
  for (;;) {
    try {
      return openFile(file, clock.now());
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (clock.monotonic() - start > OPEN_LIMIT_MS)
        throw pawlError('STORE_LOCKED', { file }, { cause: error });
    }
    await new Promise<void>((again) => {
      platform.setTimer(OPEN_AGAIN_MS, again);
    });
  }
}
