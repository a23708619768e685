/** The applied migrations with the hashes of their scripts. */
import { query } from '../query.ts';

export interface MigrationRow {
  readonly version: number;
  readonly hash: string;
}

/** Primary key. */
export const selectMigrations = query<[], MigrationRow>(
  'select version, hash from pawl.migrations order by version',
);
