/** How a run ends: its open parts are closed in the same commit, and its parent is told in the same transaction. */
import type { EventData, NewEvent, RunRef, RunState } from '../run/index.ts';
import { isOpenStep } from '../run/index.ts';
import { NO_VALUE, type Payload } from '../std/index.ts';
import { isNoUsage, type Usage } from '../step/index.ts';
import type { Arrival, Conclusion, NewRun } from '../store/index.ts';
import type { Outbox } from './outbox.ts';
import type { StepRunner } from './step-runner.ts';

export type TerminalEvent = Extract<NewEvent, { type: 'run.completed' | 'run.failed' | 'run.cancelled' }>;

/** What closing needs of a session. */
export interface ClosingSession {
  readonly state: RunState;
  readonly steps: StepRunner;
  readonly outbox: Outbox;
}

/** The events that close what is still open. */
export function closingEvents(
  session: ClosingSession,
  plan: { readonly reason: string; readonly after: number },
): NewEvent[] {
  const { state, steps, outbox } = session;
  const events: NewEvent[] = [];
  const paths = new Set([...steps.open].map((step) => step.spec.path));
  for (const step of state.steps.values()) if (isOpenStep(step)) paths.add(step.path);
  for (const path of paths) {
    if (outbox.endsCall(path)) continue; // its end is on its way: an attempt has one
    const event = steps.cancel(path, plan.reason);
    if (event) events.push(event);
  }
  for (const wait of state.waits.values()) {
    if (wait.status === 'open' && !outbox.endsCall(wait.path))
      events.push({
        type: 'wait.cancelled',
        path: wait.path,
        data: { reason: plan.reason, after: plan.after },
      });
  }
  return events;
}

/** The conclusion that makes a run terminal. */
export function endConclusion(
  run: RunRef,
  state: RunState,
  end: {
    readonly event: TerminalEvent;
    readonly closing: readonly NewEvent[];
    readonly nowMs: number;
    readonly usage: Usage;
    readonly creates?: readonly NewRun[];
  },
): Conclusion {
  const isContinued = end.event.type === 'run.completed' && end.event.data.continuedTo !== undefined;
  const parent = isContinued ? undefined : parentArrival(run, state, end);
  return {
    seenSeq: state.lastSeq,
    events: [...end.closing, end.event],
    dueAt: null,
    release: true,
    ...(end.creates ? { creates: end.creates } : {}),
    ...(parent ? { arrivals: [parent] } : {}),
  };
}

/** What the parent of a child run gets in the transaction of the child's end. */
function parentArrival(
  run: RunRef,
  state: RunState,
  end: { readonly event: TerminalEvent; readonly nowMs: number; readonly usage: Usage },
): Arrival | undefined {
  const { parentRunId, parentPath } = state.created;
  if (parentRunId === undefined || parentPath === undefined) return undefined;
  const status = end.event.type.slice('run.'.length) as EventData<'child.ended'>['status'];
  const data: EventData<'child.ended'> = {
    childRunId: run.runId,
    status,
    durationMs: Math.max(0, end.nowMs - state.created.at),
    ...(isNoUsage(end.usage) ? {} : { usage: end.usage }),
  };
  const payload: Payload = end.event.payload ?? NO_VALUE;
  return {
    run: { tenant: run.tenant, runId: parentRunId },
    events: [{ type: 'child.ended', path: parentPath, data, payload }],
  };
}
