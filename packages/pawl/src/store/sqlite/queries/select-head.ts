/** The part of a run's row that a commit compares and moves. */
import { tupleQuery } from '../query.ts';

export type HeadColumns = readonly [
  num: number,
  tenant: number,
  id: string,
  status: string,
  parkReason: string | null,
  holder: number | null,
  epoch: number,
  strikes: number,
  dueAt: number | null,
  lastSeq: number,
  arrivedSeq: number,
  inputTokens: number,
  outputTokens: number,
  costNanoUsd: number,
];

/** Primary key. */
export const selectHead = tupleQuery<[num: number], HeadColumns>(
  `select num, tenant, id, status, park_reason, holder, epoch, strikes, due_at, last_seq, arrived_seq, input_tokens,
     output_tokens, cost_nano_usd
   from runs where num = ?`,
);
