/** The steps, waits and children of a folded state as they are shown, in the order in which they were opened. */
import type { ChildState, RunState, StepState, WaitState } from '../run/index.ts';
import { type Failure, isNoUsage } from '../step/index.ts';
import type { StepView } from './api.ts';
import { present, time, usageView, value } from './view-parts.ts';

export interface Living {
  /** Whether a worker drives the run: where none does, an attempt without an outcome was lost with its worker. */
  readonly isDriven: boolean;
  /** Workers that live: an attempt that was dispatched is lost with the one that executes it. Undefined: nobody looked. */
  readonly living?: ReadonlySet<string> | undefined;
}

export interface StepViewOptions extends Living {
  /** false: without inputs and outputs, which may be large, for whoever draws picture after picture. */
  readonly hasValues: boolean;
}

export function stepViews(state: RunState, options: StepViewOptions): readonly StepView[] {
  const parts: { readonly seq: number; readonly view: StepView }[] = [
    ...[...state.steps.values()].map((step) => ({ seq: step.firstSeq, view: stepView(step, options) })),
    ...[...state.waits.values()].map((wait) => ({ seq: wait.firstSeq, view: waitStepView(wait, options) })),
    ...[...state.children.values()].map((child) => ({
      seq: child.firstSeq,
      view: childView(child, options),
    })),
  ];
  return parts.sort((a, b) => a.seq - b.seq).map((part) => part.view);
}

function isLost(step: StepState, { isDriven, living }: Living): boolean {
  if (step.status !== 'running') return false;
  return step.queue === undefined ? !isDriven : living?.has(step.workerId ?? '') === false;
}

function stepView(step: StepState, options: StepViewOptions): StepView {
  const { hasValues } = options;
  return present<StepView>({
    path: step.path,
    kind: step.kind,
    label: step.label,
    status: step.status,
    attempt: step.attempt,
    queue: step.queue,
    workerId: step.queue === undefined ? undefined : step.workerId,
    isLost: isLost(step, options) ? true : undefined,
    outcome: step.outcome,
    startedAt: time(step.startedAt),
    endedAt: step.endedAt === undefined ? undefined : time(step.endedAt),
    durationMs: step.durationMs,
    dueAt: step.dueAt ? time(step.dueAt) : undefined,
    input: hasValues ? value(step.input) : undefined,
    output: hasValues ? value(step.output) : undefined,
    failure: value(step.failure) as unknown as Failure | undefined,
    usage: isNoUsage(step.usage) ? undefined : usageView(step.usage),
    after: step.after && present(step.after),
  });
}

function waitStepView(wait: WaitState, { hasValues }: StepViewOptions): StepView {
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
    input: hasValues ? value(wait.payload) : undefined,
    output: hasValues ? value(wait.value) : undefined,
    after: wait.after && present(wait.after),
  });
}

function childView(child: ChildState, { hasValues }: StepViewOptions): StepView {
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
    output: isFailed || !hasValues ? undefined : value(child.result),
    failure: isFailed ? (value(child.result) as unknown as Failure) : undefined,
    usage: child.usage && usageView(child.usage),
    after: child.after && present(child.after),
  });
}
