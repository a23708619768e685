/** Creates a run inside a transaction: its row, its first events, its idempotency key. */
import type { RunRef } from '../../run/index.ts';
import type { CreatedRun, NewRun, PreparedRun, Refused } from '../index.ts';
import type { Group } from './group.ts';
import { type Head, phaseOf } from './head.ts';
import { insertRun } from './queries/insert-run.ts';
import { insertRunKey } from './queries/insert-run-key.ts';
import { selectNum } from './queries/select-num.ts';
import { selectRunKey } from './queries/select-run-key.ts';
import { refused } from './requirement.ts';

/** Why new runs cannot be created: an id is taken, and not by the run of its own idempotency key. */
export function creationProblem(group: Group, runs: readonly PreparedRun[]): Refused | undefined {
  if (runs.length === 0) return undefined;
  const isTwice = runs.some(({ run }, index) => runs.findIndex((one) => isSameRun(one.run, run)) !== index);
  if (!isTwice && !runs.some(({ run }) => isTaken(group, run))) return undefined;
  return refused('conflict', 'run_id_taken');
}

export function isSameRun(a: RunRef, b: RunRef): boolean {
  return a.tenant === b.tenant && a.runId === b.runId;
}

function isTaken(group: Group, run: NewRun): boolean {
  const tenant = group.names.tenant(run.tenant);
  if (tenant === undefined || group.db.get(selectNum, tenant, run.runId) === undefined) return false;
  return keyed(group, run) === undefined;
}

/** The run that the key of a new run gave before. */
function keyed(group: Group, run: NewRun): CreatedRun | undefined {
  const tenant = run.idempotencyKey === undefined ? undefined : group.names.tenant(run.tenant);
  if (run.idempotencyKey === undefined || tenant === undefined) return undefined;
  const row = group.db.get(selectRunKey, tenant, run.workflow, run.idempotencyKey);
  if (row === undefined) return undefined;
  const ref = { tenant: run.tenant, runId: row.id, num: row.num };
  const head = group.head(ref);
  return {
    run: ref,
    epoch: row.epoch,
    lastSeq: head?.lastSeq ?? row.last_seq,
    isNew: false,
    inputDigest: row.input_digest ?? undefined,
  };
}

/** Writes the run, or gives back the one of its key: then nothing of the new one is written. */
export function createRun(group: Group, { run, events }: PreparedRun): CreatedRun {
  const found = keyed(group, run);
  if (found !== undefined) return found;
  const head = newHead(group, run);
  group.append(head, events);
  insertRow(group, run, head);
  if (run.idempotencyKey !== undefined) {
    group.db.run(
      insertRunKey,
      head.tenant,
      run.workflow,
      run.idempotencyKey,
      head.num,
      run.inputDigest ?? null,
    );
  }
  head.change = 0;
  group.keep(head);
  const ref = { tenant: run.tenant, runId: run.runId, num: head.num };
  return { run: ref, epoch: head.epoch, lastSeq: head.lastSeq, isNew: true };
}

function newHead(group: Group, run: NewRun): Head {
  return {
    num: group.takeNum(),
    tenant: group.names.giveTenant(run.tenant),
    id: run.runId,
    status: 'queued',
    parkReason: null,
    hasWaits: false,
    holder: run.holder === null ? null : group.names.giveHolder(run.holder),
    epoch: run.holder === null ? 0 : 1,
    strikes: 0,
    dueAt: group.now,
    lastSeq: 0,
    arrivedSeq: 0,
    inputTokens: 0,
    outputTokens: 0,
    costNanoUsd: 0,
    change: 0,
  };
}

function insertRow({ db, names, now }: Group, run: NewRun, head: Head): void {
  const { workflow, version, priority } = run;
  db.run(
    insertRun,
    head.num,
    head.tenant,
    head.id,
    names.giveLane({ tenant: head.tenant, workflow, version, priority }),
    head.status,
    phaseOf(head.status),
    head.parkReason,
    head.hasWaits ? 1 : 0,
    head.holder,
    head.epoch,
    head.dueAt,
    head.lastSeq,
    head.arrivedSeq,
    now,
    now,
    run.deadlineAt ?? null,
    head.inputTokens,
    head.outputTokens,
    head.costNanoUsd,
    Object.keys(run.labels).length === 0 ? null : JSON.stringify(run.labels),
    run.rootRunId === run.runId ? null : run.rootRunId,
    run.parentRunId ?? null,
    run.parentPath ?? null,
    run.depth,
  );
}
