/** Ties an idempotency key to a run. */
import { query } from '../query.ts';

/** The primary key refuses a key that is taken. */
export const insertRunKey = query<
  [tenant: number, workflow: string, key: string, run: number, inputDigest: string | null]
>('insert into run_keys values (?, ?, ?, ?, ?)');
