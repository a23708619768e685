/** Whether the schema of Pawl stands in the database, and whether it is one of ours. */
import { query } from '../query.ts';

export const selectSchema = query<[], { has_schema: boolean; is_ours: boolean }>(
  `select to_regnamespace('pawl') is not null as has_schema, to_regclass('pawl.migrations') is not null as is_ours`,
);
