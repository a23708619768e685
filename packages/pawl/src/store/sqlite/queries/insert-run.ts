/** Creates a run's row, in the state that its first events give it. */
import { query } from '../query.ts';

/** `runs_by_id` refuses an id that is taken. */
export const insertRun = query<
  [
    num: number,
    tenant: number,
    id: string,
    lane: number,
    status: string,
    phase: number,
    parkReason: string | null,
    hasWaits: number,
    holder: number | null,
    epoch: number,
    dueAt: number | null,
    lastSeq: number,
    arrivedSeq: number,
    createdAt: number,
    updatedAt: number,
    deadlineAt: number | null,
    inputTokens: number,
    outputTokens: number,
    costNanoUsd: number,
    labels: string | null,
    rootId: string | null,
    parentId: string | null,
    parentPath: string | null,
    depth: number,
  ]
>(
  `insert into runs (num, tenant, id, lane, status, phase, park_reason, has_waits, holder, epoch, strikes, due_at, last_seq, arrived_seq,
     created_at, updated_at, deadline_at, input_tokens, output_tokens, cost_nano_usd, labels, root_id, parent_id,
     parent_path, depth)
   values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
);
