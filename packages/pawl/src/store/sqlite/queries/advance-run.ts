/** Moves a run's row on where its log grew: touches no column that an index holds. */
import { query } from '../query.ts';

export type Advance = [
  lastSeq: number,
  arrivedSeq: number,
  updatedAt: number,
  status: string,
  inputTokens: number,
  outputTokens: number,
  costNanoUsd: number,
];

export const ADVANCE = `last_seq = ?, arrived_seq = ?, updated_at = ?, status = ?, input_tokens = ?, output_tokens = ?,
  cost_nano_usd = ?`;

/** Primary key. */
export const advanceRun = query<[...Advance, num: number]>(`update runs set ${ADVANCE} where num = ?`);
