/** Folds what happens to the run as a whole. */
import { NO_VALUE } from '../std/index.ts';
import type { StoredEvent } from './events.ts';
import type { RunState } from './state.ts';

type RunEvent = Extract<StoredEvent, { type: `run.${string}` }>;

export function foldRun(state: RunState, event: RunEvent): void {
  switch (event.type) {
    case 'run.created':
      state.created = { ...event.data, at: event.at, actor: event.actor };
      state.input = event.payload ?? NO_VALUE;
      return;
    case 'run.started':
      state.startedAt ??= event.at;
      if (event.data.parsed) state.input = event.payload ?? NO_VALUE;
      return;
    case 'run.parked':
      state.parked = {
        reason: event.data.reason,
        message: event.data.message,
        path: event.data.path,
        detail: event.payload,
        at: event.at,
      };
      return;
    case 'run.paused':
      state.pausedAt = event.at;
      return;
    case 'run.resumed':
      resume(state, event);
      return;
    case 'run.cancel_requested':
      state.cancelRequested ??= { at: event.at, actor: event.actor, reason: event.data.reason };
      delete state.parked;
      delete state.pausedAt;
      return;
    case 'run.waiting':
      return;
    case 'run.completed':
      state.endedAt = event.at;
      state.output = event.payload ?? NO_VALUE;
      if (event.data.continuedTo !== undefined) state.continuedTo = event.data.continuedTo;
      return;
    case 'run.failed':
      state.endedAt = event.at;
      state.failure = event.payload ?? NO_VALUE;
      state.failedSteps = event.data.failedSteps;
      return;
    case 'run.cancelled':
      state.endedAt = event.at;
      return;
  }
}

/** `retry` gives the step that it names new attempts, or else every step that has used its attempts up; `resume` only lifts the park or pause. */
function resume(state: RunState, event: Extract<RunEvent, { type: 'run.resumed' }>): void {
  delete state.parked;
  delete state.pausedAt;
  if (event.data.maxSteps !== undefined) state.maxSteps = event.data.maxSteps;
  if (event.data.verb !== 'retry') return;
  for (const step of state.steps.values()) {
    delete step.lost;
    const isMeant = event.data.path === undefined ? !step.isUnknown : step.path === event.data.path;
    if (step.dueAt !== null || !isMeant) continue;
    step.dueAt = event.at;
    step.firstStartedAt = event.at; // its time passed while it was held: an attempt would be over before it began
    step.used = 0;
  }
}
