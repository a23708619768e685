/** What is shown of runs: plain data with RFC 3339 times and decimal money, made from rows and folded states. */
import type { ChildState, RunState, StepState, WaitState } from '../run/index.ts';
import { decodePayload, type Json, type Payload } from '../std/index.ts';
import { type Failure, formatUsd, isNoUsage, type Usage } from '../step/index.ts';
import type { RunRow, WaitRow } from '../store/index.ts';
import type { RunSummary, RunView, StepView, UsageView, WaitView } from './api.ts';

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function value(payload: Payload | undefined): Json | undefined {
  return payload === undefined ? undefined : decodePayload(payload);
}

/** Leaves out what is undefined, so that views are as small as their JSON. */
function present<T extends object>(view: { readonly [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(view).filter(([, part]) => part !== undefined)) as T;
}

function usageView(usage: Usage): UsageView {
  return {
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    costUsd: formatUsd(usage.costNanoUsd),
  };
}

export function runSummary(row: RunRow): RunSummary {
  return present<RunSummary>({
    runId: row.run.runId,
    tenant: row.run.tenant,
    workflow: row.workflow,
    version: row.version,
    status: row.status,
    parkReason: row.parkReason,
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

export function runView(row: RunRow, state: RunState): RunView {
  const { parked, cancelRequested } = state;
  return present<RunView>({
    ...runSummary(row),
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
    steps: stepViews(state),
    bufferedSignals: [...state.signals].map(([name, list]) => ({ name, count: list.length })),
    stepMs: state.stepMs,
    holder: row.holder ?? undefined,
  });
}

/** Steps, waits and children in the order in which they were opened. */
function stepViews(state: RunState): readonly StepView[] {
  const parts: { readonly seq: number; readonly view: StepView }[] = [
    ...[...state.steps.values()].map((step) => ({ seq: step.firstSeq, view: stepView(step) })),
    ...[...state.waits.values()].map((wait) => ({ seq: wait.firstSeq, view: waitStepView(wait) })),
    ...[...state.children.values()].map((child) => ({ seq: child.firstSeq, view: childView(child) })),
  ];
  return parts.sort((a, b) => a.seq - b.seq).map((part) => part.view);
}

function stepView(step: StepState): StepView {
  return present<StepView>({
    path: step.path,
    kind: step.kind,
    label: step.label,
    status: step.status,
    attempt: step.attempt,
    outcome: step.outcome,
    startedAt: time(step.startedAt),
    endedAt: step.endedAt === undefined ? undefined : time(step.endedAt),
    durationMs: step.durationMs,
    dueAt: step.dueAt ? time(step.dueAt) : undefined,
    input: value(step.input),
    output: value(step.output),
    failure: value(step.failure) as unknown as Failure | undefined,
    usage: isNoUsage(step.usage) ? undefined : usageView(step.usage),
    after: step.after && present(step.after),
  });
}

function waitStepView(wait: WaitState): StepView {
  const statuses = {
    open: 'waiting',
    resolved: 'completed',
    expired: 'completed',
    cancelled: 'cancelled',
  } as const;
  return present<StepView>({
    path: wait.path,
    kind: wait.kind,
    label: wait.label,
    status: statuses[wait.status],
    attempt: 1,
    outcome: wait.outcome,
    startedAt: time(wait.openedAt),
    endedAt: wait.endedAt === undefined ? undefined : time(wait.endedAt),
    durationMs: wait.endedAt === undefined ? undefined : Math.max(0, wait.endedAt - wait.openedAt),
    dueAt: wait.dueAt === undefined ? undefined : time(wait.dueAt),
    message: wait.message,
    by: wait.by,
    input: value(wait.payload),
    output: value(wait.value),
    after: wait.after && present(wait.after),
  });
}

function childView(child: ChildState): StepView {
  const isOver = child.status !== 'running';
  const isFailed = child.status === 'failed';
  return present<StepView>({
    path: child.path,
    kind: 'workflow',
    label: child.label,
    status: child.status,
    attempt: 1,
    outcome: isOver ? (child.status === 'completed' ? 'ok' : child.status) : undefined,
    startedAt: time(child.startedAt),
    endedAt: child.endedAt === undefined ? undefined : time(child.endedAt),
    durationMs: child.durationMs,
    childRunId: child.childRunId,
    output: isFailed ? undefined : value(child.result),
    failure: isFailed ? (value(child.result) as unknown as Failure) : undefined,
    usage: child.usage && usageView(child.usage),
    after: child.after && present(child.after),
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
