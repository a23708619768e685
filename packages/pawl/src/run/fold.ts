/** The one reducer: events in, state and deliveries out. Worker, API, dashboard and replay all use it. */
import { pawlError } from '../errors/index.ts';
import { NO_VALUE } from '../std/index.ts';
import { addUsage, NO_USAGE } from '../step/index.ts';
import type { Delivery } from './delivery.ts';
import type { StoredEvent } from './events.ts';
import { foldChild } from './fold-children.ts';
import { foldRun } from './fold-run.ts';
import { foldStep } from './fold-steps.ts';
import { foldWait, forgetReturnable } from './fold-waits.ts';
import type { RunRef } from './refs.ts';
import type { RunState, StateOptions } from './state.ts';
import { isTerminal, nextStatus } from './status.ts';

/** The state of a run before its first event. */
export function emptyState(run: RunRef, options: StateOptions = { history: true }): RunState {
  return {
    runId: run.runId,
    tenant: run.tenant,
    status: 'queued',
    lastSeq: 0,
    lastAt: 0,
    created: { workflow: '', version: '', digest: '', trigger: { kind: 'api' }, at: 0 },
    input: NO_VALUE,
    steps: new Map(),
    waits: new Map(),
    children: new Map(),
    openSignals: new Map(),
    signals: new Map(),
    returnable: [],
    markers: new Map(),
    shownCount: 0,
    usage: NO_USAGE,
    stepMs: 0,
    calls: 0,
    deliveries: 0,
    keepsHistory: options.history,
  };
}

/**
 * Takes one event into the state (in place: the state belongs to its caller) and returns what it hands to the driver, if
 * anything. The first closing event of a step, wait or child by seq counts; later ones are void.
 * @throws `STORE_CORRUPT` where the sequence has a gap or something follows a terminal event.
 */
export function fold(state: RunState, event: StoredEvent): Delivery | undefined {
  if (event.seq !== state.lastSeq + 1) {
    throw pawlError('STORE_CORRUPT', {
      what: `run ${state.runId} has event ${event.seq} after ${state.lastSeq}`,
    });
  }
  if (isTerminal(state.status)) {
    throw pawlError('STORE_CORRUPT', { what: `run ${state.runId} has ${event.type} behind its end` });
  }
  state.lastSeq = event.seq;
  state.lastAt = event.at;
  state.status = nextStatus(state.status, event.type);
  const after = afterOf(event);
  if (after !== undefined) forgetReturnable(state, after);
  const delivery = take(state, event);
  if (delivery) state.deliveries++;
  return delivery;
}

/** How many deliveries had been made at the call that an event opens. */
function afterOf(event: StoredEvent): number | undefined {
  const { data } = event;
  if ('after' in data && typeof data.after === 'object') return data.after.n;
  return 'start' in data ? data.start?.after?.n : undefined;
}

function take(state: RunState, event: StoredEvent): Delivery | undefined {
  switch (event.type) {
    case 'step.scheduled':
    case 'step.started':
    case 'step.completed':
    case 'step.retried':
    case 'step.failed':
    case 'step.lost':
    case 'step.skipped':
    case 'step.cancelled':
    case 'step.progressed':
      return foldStep(state, event);
    case 'wait.opened':
    case 'approval.requested':
    case 'approval.decided':
    case 'wait.resolved':
    case 'wait.expired':
    case 'wait.cancelled':
    case 'signal.received':
      return foldWait(state, event);
    case 'child.started':
    case 'child.ended':
      return foldChild(state, event);
    case 'marker.recorded':
      if (event.path !== undefined) {
        const { kind, digest } = event.data;
        state.markers.set(event.path, { kind, digest, at: event.at });
      }
      return undefined;
    case 'state.patched':
      state.shown = event.payload ?? NO_VALUE;
      state.shownCount = event.data.index + 1;
      return undefined;
    case 'usage.reported':
      state.usage = addUsage(state.usage, event.data.usage);
      return undefined;
    default:
      foldRun(state, event);
      return undefined;
  }
}

/** The state that a whole log folds to. */
export function foldAll(
  run: RunRef,
  events: Iterable<StoredEvent>,
  options: StateOptions = { history: true },
): RunState {
  const state = emptyState(run, options);
  for (const event of events) fold(state, event);
  return state;
}
