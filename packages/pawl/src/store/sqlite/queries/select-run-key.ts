/** The run that an idempotency key named first. */
import { query } from '../query.ts';

export interface RunKeyColumns {
  readonly num: number;
  readonly id: string;
  readonly epoch: number;
  readonly last_seq: number;
  readonly input_digest: string | null;
}

/** Primary keys of `run_keys` and `runs`. */
export const selectRunKey = query<[tenant: number, workflow: string, key: string], RunKeyColumns>(
  `select r.num, r.id, r.epoch, r.last_seq, k.input_digest
   from run_keys k cross join runs r on r.num = k.run where k.tenant = ? and k.workflow = ? and k.key = ?`,
);
