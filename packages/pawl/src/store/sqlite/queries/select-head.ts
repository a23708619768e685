/** The part of a run's row that a commit compares and moves. */
import { tupleQuery } from '../query.ts';

export type HeadColumns = readonly [
  num: number,
  tenant: number,
  id: string,
  status: string,
  hasWaits: number,
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

const SELECT = `
  select num, tenant, id, status, has_waits, holder, epoch, strikes, due_at, last_seq, arrived_seq, input_tokens,
    output_tokens, cost_nano_usd
  from runs`;

/** Primary key. */
export const selectHead = tupleQuery<[num: number], HeadColumns>(`${SELECT} where num = ?`);

/** Runs read in one statement: half the cost of one statement each. */
export const HEADS_A_READ = 32;

/** Primary key, once a number. */
export const selectHeads = tupleQuery<number[], HeadColumns>(
  `${SELECT} where num in (${Array.from({ length: HEADS_A_READ }, () => '?').join(', ')})`,
);
