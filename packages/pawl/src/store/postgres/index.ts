/** The door of the PostgreSQL store: how to open it, and how engines of one machine prove that they live. */
export type { MachineLocks } from './liveness-locks.ts';
export { openPostgresStore, type PostgresOptions } from './open.ts';
