/** The door `pawl/postgres`: the store in a PostgreSQL database. */
export { type MachineLocks, openPostgresStore, type PostgresOptions } from './store/postgres/index.ts';
