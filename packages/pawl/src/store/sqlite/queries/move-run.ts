/** Moves a run's row on where status, holder, strikes or due time changed, and with them its indexes. */
import { query } from '../query.ts';

/** Primary key. */
export const moveRun = query<
  [
    status: string,
    parkReason: string | null,
    holder: number | null,
    strikes: number,
    dueAt: number | null,
    lastSeq: number,
    arrivedSeq: number,
    updatedAt: number,
    inputTokens: number,
    outputTokens: number,
    costNanoUsd: number,
    num: number,
  ]
>(
  `update runs set status = ?, park_reason = ?, holder = ?, strikes = ?, due_at = ?, last_seq = ?, arrived_seq = ?,
     updated_at = ?, input_tokens = ?, output_tokens = ?, cost_nano_usd = ?
   where num = ?`,
);
