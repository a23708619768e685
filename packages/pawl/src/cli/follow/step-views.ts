/** The steps, waits and children of a folded state, in the form in which they are shown. */
import type { StepView } from '../../engine/index.ts';
import type { ChildState, RunState, StepState, StepStatus, WaitState } from '../../run/index.ts';
import { failureIn } from '../view/failure-line.ts';

/** In the order in which they were called. */
export function stepViews(state: RunState): StepView[] {
  const rows = [
    ...[...state.steps.values()].map((step) => ({ seq: step.firstSeq, view: ofStep(step) })),
    ...[...state.waits.values()].map((wait) => ({ seq: wait.firstSeq, view: ofWait(wait) })),
    ...[...state.children.values()].map((child) => ({ seq: child.firstSeq, view: ofChild(child) })),
  ];
  return rows.sort((a, b) => a.seq - b.seq).map((row) => row.view);
}

function ofStep(step: StepState): StepView {
  const { path, kind, status, attempt, label, outcome, durationMs, dueAt } = step;
  const failure = status === 'completed' ? undefined : failureIn(step.failure);
  return {
    path,
    kind,
    status,
    attempt,
    startedAt: rfc3339(step.startedAt),
    ...(label === undefined ? {} : { label }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(dueAt == null || dueAt === 0 ? {} : { dueAt: rfc3339(dueAt) }),
    ...(failure === undefined ? {} : { failure }),
  };
}

const WAIT_STATUS: Readonly<Record<WaitState['status'], StepStatus>> = {
  open: 'waiting',
  resolved: 'completed',
  expired: 'completed',
  cancelled: 'cancelled',
};

function ofWait(wait: WaitState): StepView {
  const { path, kind, label, outcome, dueAt, message, by } = wait;
  const status = WAIT_STATUS[wait.status];
  return {
    path,
    kind,
    status,
    attempt: 1,
    startedAt: rfc3339(wait.openedAt),
    ...(label === undefined ? {} : { label }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(wait.endedAt === undefined ? {} : { durationMs: Math.max(0, wait.endedAt - wait.openedAt) }),
    ...(dueAt === undefined ? {} : { dueAt: rfc3339(dueAt) }),
    ...(message === undefined ? {} : { message }),
    ...(by === undefined ? {} : { by }),
  };
}

function ofChild(child: ChildState): StepView {
  const { path, childRunId, status, label, durationMs } = child;
  const failure = status === 'failed' ? failureIn(child.result) : undefined;
  return {
    path,
    kind: 'workflow',
    status,
    attempt: 1,
    childRunId,
    startedAt: rfc3339(child.startedAt),
    ...(label === undefined ? {} : { label }),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(failure === undefined ? {} : { failure }),
  };
}

function rfc3339(time: number): string {
  return new Date(time).toISOString();
}
