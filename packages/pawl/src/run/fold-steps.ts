/** Folds the events of steps: attempts open and close, the first final end counts. */
import { NO_VALUE } from '../std/index.ts';
import { addUsage, NO_USAGE, type Usage } from '../step/index.ts';
import type { Delivery } from './delivery.ts';
import type { FoldedStart, StoredEvent } from './events.ts';
import { isOpenStep, type RunState, type StepState } from './state.ts';

type StepEvent = Extract<StoredEvent, { type: `step.${string}` }>;
type EndOfAttempt = Extract<StoredEvent, { type: 'step.completed' | 'step.retried' | 'step.failed' }>;

/** The kind of `ctx.step`, left out in events. */
export const CLOSURE_KIND = 'step';

export function foldStep(state: RunState, event: StepEvent): Delivery | undefined {
  const path = event.path ?? '';
  switch (event.type) {
    case 'step.scheduled':
      schedule(state, path, event);
      return undefined;
    case 'step.started':
      start(state, path, event);
      return undefined;
    case 'step.lost':
      return lose(state.steps.get(path));
    case 'step.progressed':
      return undefined;
    case 'step.skipped':
      return skip(state, path, event);
    case 'step.cancelled':
      return cancel(state, path, event);
    case 'step.completed':
    case 'step.retried':
    case 'step.failed':
      return endAttempt(state, path, event);
  }
}

/** A step waits for a worker of its queue; its deadline counts from here. */
function schedule(
  state: RunState,
  path: string,
  event: Extract<StoredEvent, { type: 'step.scheduled' }>,
): void {
  const { attempt = 1, kind = CLOSURE_KIND, at = event.at, ...rest } = event.data;
  const step = open(state, path, { ...rest, attempt, kind, at, seq: event.seq, input: event.payload });
  if (step) Object.assign(step, { status: 'pending', needs: event.data.needs });
}

function start(state: RunState, path: string, event: Extract<StoredEvent, { type: 'step.started' }>): void {
  const { attempt = 1, kind = CLOSURE_KIND, at = event.at, ...rest } = event.data;
  open(state, path, { ...rest, attempt, kind, at, seq: event.seq, input: event.payload });
}

interface Opening {
  readonly attempt: number;
  readonly kind: string;
  readonly at: number;
  readonly seq: number;
  readonly workerId?: string | undefined;
  readonly queue?: string | undefined;
  readonly after?: StepState['after'];
  readonly label?: string | undefined;
  readonly check?: string | undefined;
  readonly input?: string | undefined;
}

/** Opens an attempt: of a new step, or the next one of a step that is known. A step that has ended stays as it is. */
function open(state: RunState, path: string, opening: Opening): StepState | undefined {
  const known = state.steps.get(path);
  if (known) {
    if (!isOpenStep(known)) return undefined;
    known.status = 'running';
    known.attempt = opening.attempt;
    known.startedAt = opening.at;
    known.workerId = opening.workerId;
    if (opening.queue === undefined)
      delete known.queue; // this attempt is no task
    else known.queue = opening.queue;
    delete known.dueAt;
    delete known.isUnknown;
    return known;
  }
  const step: StepState = {
    path,
    kind: opening.kind,
    status: 'running',
    attempt: opening.attempt,
    used: 0,
    label: opening.label,
    after: opening.after,
    check: opening.check,
    input: opening.input,
    firstSeq: opening.seq,
    firstStartedAt: opening.at,
    startedAt: opening.at,
    workerId: opening.workerId,
    ...(opening.queue === undefined ? {} : { queue: opening.queue }),
    usage: NO_USAGE,
  };
  state.steps.set(path, step);
  state.calls++;
  return step;
}

function openFolded(
  state: RunState,
  path: string,
  end: { seq: number; attempt: number; start: FoldedStart | undefined },
): StepState | undefined {
  const { start: folded, attempt, seq } = end;
  if (!folded) {
    const step = state.steps.get(path);
    return step && isOpenStep(step) ? step : undefined;
  }
  return open(state, path, { ...folded, attempt, kind: folded.kind ?? CLOSURE_KIND, seq });
}

function endAttempt(state: RunState, path: string, event: EndOfAttempt): Delivery | undefined {
  const { attempt = 1, start: folded, endedAt, durationMs, usage = NO_USAGE } = event.data;
  if (folded && isWhole(state, path, event)) return foldWhole(state, path, { event, kind: folded.kind });
  const step = openFolded(state, path, { seq: event.seq, attempt, start: folded });
  charge(state, step, usage);
  if (!step || (event.type === 'step.retried' && !mayBeTriedAgain(step))) return undefined;
  state.stepMs += durationMs;
  step.attempt = attempt;
  step.used++;
  delete step.lost;
  step.durationMs = (step.durationMs ?? 0) + durationMs;
  const payload = event.payload ?? NO_VALUE;
  if (event.type === 'step.retried') {
    step.status = 'waiting';
    step.dueAt = event.data.dueAt;
    if (event.data.unknown) step.isUnknown = true;
    step.failure = payload;
    return undefined;
  }
  const isGood = event.type === 'step.completed';
  step.status = isGood ? 'completed' : 'failed';
  if (isGood) step.output = payload;
  else step.failure = payload;
  return close(state, step, {
    outcome: isGood ? (event.data.outcome ?? 'ok') : 'failed',
    payload,
    endedAt,
  });
}

/** Between two attempts nothing is left to be tried again. */
function mayBeTriedAgain({ status }: StepState): boolean {
  return status === 'running' || status === 'pending';
}

/** The whole step in one event, in a state that would forget it at once. */
function isWhole(state: RunState, path: string, event: EndOfAttempt): boolean {
  return !state.keepsHistory && event.type !== 'step.retried' && !state.steps.has(path);
}

function foldWhole(
  state: RunState,
  path: string,
  { event, kind = CLOSURE_KIND }: { readonly event: EndOfAttempt; readonly kind: string | undefined },
): Delivery {
  const { endedAt, durationMs, usage = NO_USAGE } = event.data;
  charge(state, undefined, usage);
  state.calls++;
  state.stepMs += durationMs;
  const outcome = event.type === 'step.completed' ? (event.data.outcome ?? 'ok') : 'failed';
  const payload = event.payload ?? NO_VALUE;
  return { path, kind, outcome, payload, endedAt, usage, durationMs, attempt: event.data.attempt ?? 1 };
}

function close(
  state: RunState,
  step: StepState,
  end: { readonly outcome: string; readonly payload: string; readonly endedAt: number },
): Delivery {
  step.outcome = end.outcome;
  step.endedAt = end.endedAt;
  if (state.keepsHistory) {
    delete step.dueAt;
    delete step.isUnknown;
  } else state.steps.delete(step.path);
  return {
    path: step.path,
    kind: step.kind,
    outcome: end.outcome,
    payload: end.payload,
    endedAt: end.endedAt,
    usage: step.usage,
    durationMs: step.durationMs,
    attempt: step.attempt,
  };
}

/**
 * A lost attempt is tried again at once and does not count. One that has ended cannot be lost any more, unless nobody knew whether
 * it had happened: then this says that it had not.
 */
function lose(step: StepState | undefined): undefined {
  if (!step || !(mayBeTriedAgain(step) || (step.status === 'waiting' && step.isUnknown))) return;
  if (step.queue !== undefined) step.lost = (step.lost ?? 0) + 1;
  step.status = 'waiting';
  step.dueAt = 0;
  delete step.isUnknown;
}

function skip(
  state: RunState,
  path: string,
  event: Extract<StoredEvent, { type: 'step.skipped' }>,
): Delivery | undefined {
  const step = state.steps.get(path);
  if (!step || !isOpenStep(step)) return undefined;
  step.status = 'skipped';
  return close(state, step, { outcome: 'skipped', payload: NO_VALUE, endedAt: event.at });
}

function cancel(
  state: RunState,
  path: string,
  event: Extract<StoredEvent, { type: 'step.cancelled' }>,
): Delivery | undefined {
  const step = openFolded(state, path, {
    seq: event.seq,
    attempt: event.data.attempt ?? 1,
    start: event.data.start,
  });
  charge(state, step, event.data.usage ?? NO_USAGE);
  if (!step) return undefined;
  step.status = 'cancelled';
  return close(state, step, { outcome: 'cancelled', payload: NO_VALUE, endedAt: event.at });
}

/** What was paid counts, even where the outcome came too late to count. */
function charge(state: RunState, step: StepState | undefined, usage: Usage): void {
  if (usage === NO_USAGE) return;
  state.usage = addUsage(state.usage, usage);
  if (step) step.usage = addUsage(step.usage, usage);
}
