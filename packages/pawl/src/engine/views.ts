/** What is shown of runs: plain data with RFC 3339 times and decimal money, made from rows and folded states. */
import type { RunState } from '../run/index.ts';
import type { Failure } from '../step/index.ts';
import type { RunRow, WaitRow } from '../store/index.ts';
import type { RunSummary, RunView, WaitView } from './api.ts';
import { type Living, stepViews } from './step-views.ts';
import { present, time, usageView, value } from './view-parts.ts';

export interface Driving {
  readonly nowMs: number;
  /** Whether the holder of the run is alive. */
  readonly isDriven: boolean;
}

export function runSummary(row: RunRow, driving: Driving): RunSummary {
  return present<RunSummary>({
    runId: row.run.runId,
    tenant: row.run.tenant,
    workflow: row.workflow,
    version: row.version,
    status: row.status,
    parkReason: row.parkReason,
    hasNoWorker: hasNoWorker(row, driving) ? true : undefined,
    labels: row.labels,
    priority: row.priority,
    createdAt: time(row.createdAt),
    updatedAt: time(row.updatedAt),
    dueAt: row.dueAt === null ? undefined : time(row.dueAt),
    parentRunId: row.parentRunId,
    rootRunId: row.rootRunId,
    lastSeq: row.lastSeq,
    usage: usageView(row.usage),
  });
}

/** What nobody holds and nothing is due of waits for what others execute. */
function hasNoWorker({ status, holder, dueAt }: RunRow, { nowMs, isDriven }: Driving): boolean {
  const isDue = dueAt !== null && dueAt <= nowMs;
  return status === 'running' && (holder === null ? isDue : !isDriven);
}

export function runView(row: RunRow, state: RunState, living: Living & Driving): RunView {
  const { parked, cancelRequested } = state;
  return present<RunView>({
    ...runSummary(row, living),
    status: state.status,
    usage: usageView(state.usage),
    lastSeq: state.lastSeq,
    input: value(state.input),
    output: value(state.output),
    failure: value(state.failure) as unknown as Failure | undefined,
    failedSteps: state.failedSteps,
    parked:
      parked &&
      present({
        reason: parked.reason,
        message: parked.message,
        path: parked.path,
        detail: value(parked.detail),
      }),
    cancelRequested:
      cancelRequested &&
      present({ at: time(cancelRequested.at), by: cancelRequested.actor, reason: cancelRequested.reason }),
    continuedTo: state.continuedTo,
    shown: value(state.shown),
    steps: stepViews(state, { ...living, hasValues: true }),
    bufferedSignals: [...state.signals].map(([name, list]) => ({ name, count: list.length })),
    stepMs: state.stepMs,
    holder: row.holder ?? undefined,
  });
}

export function waitView(row: WaitRow): WaitView {
  return present<WaitView>({
    runId: row.run.runId,
    workflow: row.workflow,
    path: row.path,
    kind: row.kind,
    message: row.message,
    openedAt: time(row.openedAt),
    dueAt: row.dueAt === undefined ? undefined : time(row.dueAt),
  });
}
