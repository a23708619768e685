/** Moves a run's row on where only its log grew: touches no column that an index holds. */
import { query } from '../query.ts';

/** Primary key. */
export const advanceRun = query<
  [
    lastSeq: number,
    arrivedSeq: number,
    updatedAt: number,
    inputTokens: number,
    outputTokens: number,
    costNanoUsd: number,
    num: number,
  ]
>(
  `update runs set last_seq = ?, arrived_seq = ?, updated_at = ?, input_tokens = ?, output_tokens = ?, cost_nano_usd = ?
   where num = ?`,
);
