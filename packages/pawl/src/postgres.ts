/** The door `pawl/postgres`: the store in a PostgreSQL database. */
export { type MachineLocks, openPostgresStore, type PostgresOptions } from './store/postgres/index.ts';
/** Several of them as one store, each with a share of the runs. */
export { openShardedStore, type ShardedOptions } from './store/sharded/index.ts';
