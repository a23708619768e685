/** Folds questions to the outside: sleeps, signals, inputs, approvals. A signal nobody waits for is kept. */
import { NO_VALUE, type Payload } from '../std/index.ts';
import type { Delivery } from './delivery.ts';
import type { StoredEvent } from './events.ts';
import type { BufferedSignal, RunState, WaitState } from './state.ts';

type WaitEvent = Extract<StoredEvent, { type: `wait.${string}` | `approval.${string}` | 'signal.received' }>;

export function foldWait(state: RunState, event: WaitEvent): Delivery | undefined {
  const path = event.path ?? '';
  switch (event.type) {
    case 'wait.opened':
    case 'approval.requested':
      return open(state, path, event);
    case 'approval.decided':
      decide(state.waits.get(path), event);
      return undefined;
    case 'signal.received':
      return receive(state, event);
    case 'wait.resolved':
      return closeByPath(state, path, {
        outcome: event.data.outcome,
        value: event.payload ?? NO_VALUE,
        endedAt: event.data.endedAt ?? event.at,
        by: event.actor,
        comment: event.data.comment,
      });
    case 'wait.expired':
      return closeByPath(state, path, { outcome: 'expired', value: NO_VALUE, endedAt: event.data.endedAt });
    case 'wait.cancelled':
      return cancel(state, path, event);
  }
}

function open(
  state: RunState,
  path: string,
  event: Extract<StoredEvent, { type: 'wait.opened' | 'approval.requested' }>,
): Delivery | undefined {
  if (state.waits.has(path)) return undefined;
  const { data } = event;
  const wait: WaitState = {
    path,
    kind: event.type === 'approval.requested' ? 'approval' : event.data.kind,
    name: data.name,
    status: 'open',
    label: data.label,
    after: data.after,
    openedAt: event.at,
    firstSeq: event.seq,
    dueAt: data.dueAt,
    message: data.message,
    approvers: event.type === 'approval.requested' ? event.data.approvers : undefined,
    onTimeout: event.type === 'approval.requested' ? event.data.onTimeout : undefined,
    schema: data.schema,
    payload: event.payload,
  };
  state.waits.set(path, wait);
  state.calls++;
  return wait.kind === 'signal' ? openSignal(state, wait) : undefined;
}

/** A signal that was buffered is delivered at the opening of the wait. */
function openSignal(state: RunState, wait: WaitState): Delivery | undefined {
  const buffered = state.signals.get(wait.name);
  const first = buffered?.shift();
  if (first) {
    if (buffered?.length === 0) state.signals.delete(wait.name);
    return give(state, wait, first);
  }
  const open = state.openSignals.get(wait.name);
  if (open) open.push(wait.path);
  else state.openSignals.set(wait.name, [wait.path]);
  return undefined;
}

function receive(
  state: RunState,
  event: Extract<StoredEvent, { type: 'signal.received' }>,
): Delivery | undefined {
  const { seq, at, actor, payload = NO_VALUE } = event;
  return match(state, event.data.name, { seq, at, payload, actor });
}

/** A signal goes to the oldest open wait of its name, else to the buffer. */
function match(state: RunState, name: string, signal: BufferedSignal): Delivery | undefined {
  const [path = ''] = state.openSignals.get(name) ?? [];
  const wait = state.waits.get(path);
  if (wait) return give(state, wait, signal);
  buffer(state, name, signal);
  return undefined;
}

function give(state: RunState, wait: WaitState, signal: BufferedSignal): Delivery {
  wait.given = { signal, deliveredAs: state.deliveries + 1 };
  return close(state, wait, {
    outcome: 'received',
    value: signal.payload,
    endedAt: state.lastAt,
    by: signal.actor,
  });
}

/** Signals are kept in the order in which they came, also where one is put back. */
function buffer(state: RunState, name: string, signal: BufferedSignal): void {
  const known = state.signals.get(name) ?? [];
  const index = known.findIndex((other) => other.seq > signal.seq);
  known.splice(index === -1 ? known.length : index, 0, signal);
  state.signals.set(name, known);
}

function decide(
  wait: WaitState | undefined,
  event: Extract<StoredEvent, { type: 'approval.decided' }>,
): void {
  if (wait?.status !== 'open') return;
  wait.by = event.actor;
  wait.comment = event.data.comment;
}

interface End {
  readonly outcome: string;
  readonly value: Payload;
  readonly endedAt: number;
  readonly by?: string | undefined;
  readonly comment?: string | undefined;
}

function closeByPath(state: RunState, path: string, end: End): Delivery | undefined {
  const wait = state.waits.get(path);
  return wait?.status === 'open' ? close(state, wait, end) : undefined;
}

function close(state: RunState, wait: WaitState, end: End): Delivery {
  wait.status =
    end.outcome === 'expired' ? 'expired' : end.outcome === 'cancelled' ? 'cancelled' : 'resolved';
  wait.outcome = end.outcome;
  wait.value = end.value;
  wait.endedAt = end.endedAt;
  wait.by = end.by ?? wait.by;
  wait.comment = end.comment ?? wait.comment;
  forgetSignalWait(state, wait);
  if (!state.keepsHistory) {
    if (wait.given) state.returnable.push(wait.path);
    else state.waits.delete(wait.path);
  }
  return {
    path: wait.path,
    kind: wait.kind,
    outcome: end.outcome,
    payload: end.value,
    endedAt: end.endedAt,
    by: wait.by,
    comment: wait.comment,
  };
}

/**
 * A call that was made after a wait had given its signal over shows that its scope was not sealed before: sealing would stand
 * in the log ahead of that call. Such waits are forgotten, so that a loop over a race of signals does not gather them.
 */
export function forgetReturnable(state: RunState, deliveries: number): void {
  for (let path = state.returnable[0]; path !== undefined; path = state.returnable[0]) {
    const given = state.waits.get(path)?.given;
    if (given && given.deliveredAs > deliveries) return;
    state.returnable.shift();
    state.waits.delete(path);
  }
}

function forgetSignalWait(state: RunState, wait: WaitState): void {
  if (wait.kind !== 'signal') return;
  const open = state.openSignals.get(wait.name)?.filter((path) => path !== wait.path) ?? [];
  if (open.length > 0) state.openSignals.set(wait.name, open);
  else state.openSignals.delete(wait.name);
}

/**
 * The scope of the wait was sealed, or its step was not needed any more, after `after` deliveries. A signal that reached the wait later than that was seen by nobody:
 * it goes back to where it stood in the buffer, so that no signal is lost to a loser.
 */
function cancel(
  state: RunState,
  path: string,
  event: Extract<StoredEvent, { type: 'wait.cancelled' }>,
): Delivery | undefined {
  const wait = state.waits.get(path);
  if (!wait) return undefined;
  if (wait.status === 'open')
    return close(state, wait, { outcome: 'cancelled', value: NO_VALUE, endedAt: event.at });
  const { given } = wait;
  if (!given || given.deliveredAs <= event.data.after) return undefined;
  wait.status = 'cancelled';
  wait.outcome = 'cancelled';
  wait.value = NO_VALUE;
  wait.by = undefined;
  delete wait.given;
  if (!state.keepsHistory) state.waits.delete(path);
  return match(state, wait.name, given.signal);
}
