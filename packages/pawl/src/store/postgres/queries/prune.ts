/** Removes runs that ended long ago, with every row that is about them. */
import { query } from '../query.ts';

/** Primary key of `runs` within a window, indexes `runs_by_root`, `run_keys_by_run`, `events_by_blob`, and those that begin with the run. */
export const pruneRuns = query<
  [
    endedBefore: number,
    tenant: number | null,
    after: number,
    limit: number,
    window: number,
    blobsBefore: number,
  ],
  { removed: number; next: number | null }
>('select removed, next from pawl.prune_1($1, $2::int, $3, $4::int, $5, $6)');
