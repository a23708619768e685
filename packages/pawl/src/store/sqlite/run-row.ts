/** A row of `runs` with its names as the RunRow that the port promises. */
import type { ParkReason, RunStatus } from '../../run/index.ts';
import type { RunRow } from '../index.ts';
import type { RunColumns } from './queries/run-columns.ts';

export function runRowOf(row: RunColumns): RunRow {
  return {
    run: { tenant: row.tenant, runId: row.id, num: row.num },
    workflow: row.workflow,
    version: row.version,
    status: row.status as RunStatus,
    parkReason: (row.park_reason as ParkReason | null) ?? undefined,
    priority: row.priority,
    labels: row.labels === null ? {} : (JSON.parse(row.labels) as Record<string, string>),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    dueAt: row.due_at,
    deadlineAt: row.deadline_at ?? undefined,
    holder: row.holder,
    epoch: row.epoch,
    strikes: row.strikes,
    lastSeq: row.last_seq,
    arrivedSeq: row.arrived_seq,
    rootRunId: row.root_id ?? row.id,
    parentRunId: row.parent_id ?? undefined,
    parentPath: row.parent_path ?? undefined,
    depth: row.depth,
    format: row.format,
    usage: { inputTokens: row.input_tokens, outputTokens: row.output_tokens, costNanoUsd: row.cost_nano_usd },
  };
}
