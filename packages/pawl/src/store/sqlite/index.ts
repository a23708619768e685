/** The door of the store in a file. */
export type { LivenessLocks, LockState } from './liveness-locks.ts';
export { openSqliteStore, type SqliteOptions } from './open.ts';
