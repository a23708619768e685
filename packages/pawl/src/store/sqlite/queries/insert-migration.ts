/** Notes an applied migration. */
import { query } from '../query.ts';

export const insertMigration = query<[version: number, hash: string, appliedAt: number]>(
  'insert into migrations (version, hash, applied_at) values (?, ?, ?)',
);
