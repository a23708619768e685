/** A row of `runs` with its names as the RunRow that the port promises, or an error that names it. */
import { pawlError } from '../../errors/index.ts';
import type { ParkReason, RunStatus } from '../../run/index.ts';
import type { RunRow } from '../index.ts';
import type { RunColumns } from './queries/run-columns.ts';
import { statusOfCode } from './status-codes.ts';

/** @throws `STORE_CORRUPT` where the row holds what nobody wrote. */
export function runRowOf(row: RunColumns): RunRow {
  return {
    run: { tenant: row.tenant, runId: row.id, num: row.num },
    workflow: row.workflow,
    version: row.version,
    status: statusOf(row),
    parkReason: (row.park_reason as ParkReason | null) ?? undefined,
    priority: row.priority,
    labels: labelsOf(row),
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

function statusOf({ id, status }: RunColumns): RunStatus {
  const known = statusOfCode(status);
  if (known === undefined) throw pawlError('STORE_CORRUPT', { what: `the status of run ${id}` });
  return known;
}

function labelsOf({ id, labels }: RunColumns): Record<string, string> {
  if (labels === null) return {};
  try {
    return JSON.parse(labels) as Record<string, string>;
  } catch (cause) {
    throw pawlError('STORE_CORRUPT', { what: `the labels of run ${id} are not JSON` }, { cause });
  }
}
