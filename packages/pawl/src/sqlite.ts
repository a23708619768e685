/** The door `pawl/sqlite`: the store in one file. */
export {
  type LivenessLocks,
  type LockState,
  openSqliteStore,
  type SqliteOptions,
} from './store/sqlite/index.ts';
