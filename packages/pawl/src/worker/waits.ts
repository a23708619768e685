/** Opens waits and closes the ones that are due. */
import type { NewEvent, RunState, WaitSpec, WaitState } from '../run/index.ts';

/** The event that opens a wait; `nowMs` is when its delay begins. */
export function openingEvent(wait: WaitSpec, nowMs: number): NewEvent {
  const dueAt = wait.dueAt ?? (wait.dueInMs === undefined ? undefined : nowMs + wait.dueInMs);
  const asked = {
    name: wait.name,
    after: wait.after,
    ...(wait.label === undefined ? {} : { label: wait.label }),
    ...(wait.schema === undefined ? {} : { schema: wait.schema }),
    ...(dueAt === undefined ? {} : { dueAt }),
  };
  const payload = wait.payload === undefined ? {} : { payload: wait.payload };
  if (wait.kind !== 'approval') {
    const message = wait.message === undefined ? {} : { message: wait.message };
    return {
      type: 'wait.opened',
      path: wait.path,
      data: { ...asked, ...message, kind: wait.kind },
      ...payload,
    };
  }
  const approval = {
    message: wait.message ?? '',
    reason: 'workflow' as const,
    ...(wait.approvers === undefined ? {} : { approvers: [...wait.approvers] }),
    ...(wait.onTimeout === undefined ? {} : { onTimeout: wait.onTimeout }),
  };
  return { type: 'approval.requested', path: wait.path, data: { ...asked, ...approval }, ...payload };
}

function openWaits(state: RunState): readonly WaitState[] {
  return [...state.waits.values()].filter((wait) => wait.status === 'open');
}

/** The earlier of two times; undefined is never. */
export function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined) return other;
  return other === undefined ? one : Math.min(one, other);
}

/** When the next open wait is due. */
export function nextWaitDueAt(state: RunState): number | undefined {
  let next: number | undefined;
  for (const wait of state.waits.values()) {
    if (wait.status === 'open') next = earliest(next, wait.dueAt);
  }
  return next;
}

/** Sleeps that are over: facts, in order of their time. */
export function dueSleeps(state: RunState, nowMs: number): readonly NewEvent[] {
  return due(state, nowMs)
    .filter((wait) => wait.kind === 'sleep')
    .map((wait) => ({
      type: 'wait.resolved',
      path: wait.path,
      data: { outcome: 'resolved', endedAt: wait.dueAt ?? nowMs },
    }));
}

/** Deadlines of signals, inputs and approvals that have passed: conclusions, for what arrived before them counts first. */
export function dueExpiries(state: RunState, nowMs: number): readonly NewEvent[] {
  return due(state, nowMs)
    .filter((wait) => wait.kind !== 'sleep')
    .map((wait) => expiry(wait, nowMs));
}

const NONE: readonly WaitState[] = [];

function due(state: RunState, nowMs: number): readonly WaitState[] {
  if (state.waits.size === 0) return NONE;
  return openWaits(state)
    .filter((wait) => wait.dueAt !== undefined && wait.dueAt <= nowMs)
    .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.firstSeq - b.firstSeq);
}

function expiry(wait: WaitState, nowMs: number): NewEvent {
  const endedAt = wait.dueAt ?? nowMs;
  if (wait.onTimeout === 'approve' || wait.onTimeout === 'reject') {
    const outcome = wait.onTimeout === 'approve' ? 'approved' : 'rejected';
    return { type: 'wait.resolved', path: wait.path, data: { outcome, endedAt } }; // by nobody: a person may have any name
  }
  return { type: 'wait.expired', path: wait.path, data: { endedAt } };
}
