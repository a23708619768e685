/** The door of the store in a file. */
export { FileLocks, type LivenessLocks, type LockState } from './liveness-locks.ts';
export { openSqliteStore, type SqliteOptions } from './open.ts';
