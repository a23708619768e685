/** What a plain line says of an event, for whoever follows a run through a pipe; most events say nothing. */
import type { RunState, StoredEvent } from '../../run/index.ts';
import { formatDuration } from '../../std/index.ts';
import { failureIn, failureLine } from '../view/failure-line.ts';
import { oneLine } from '../view/plain-text.ts';
import { timeText } from '../view/times.ts';

/** One line, or nothing for events that only matter to machines. */
export function eventWords(state: RunState, event: StoredEvent): string | undefined {
  const path = oneLine(event.path ?? '');
  switch (event.type) {
    case 'run.created':
      return `run ${state.runId} of ${oneLine(event.data.workflow)}@${oneLine(event.data.version)}`;
    case 'step.scheduled':
      return `scheduled ${path}  for queue ${oneLine(event.data.queue)}${attemptText(event.data.attempt)}`;
    case 'step.completed':
      return `done      ${path}  ${formatDuration(event.data.durationMs)}${labelText(event.data.outcome)}${attemptText(event.data.attempt)}`;
    case 'step.retried':
      return `${event.data.dueAt === null ? 'failed' : 'retry '}    ${path}  ${failureText(event.payload)}${nextText(event.data.dueAt)}`;
    case 'step.failed':
      return `failed    ${path}  ${failureText(event.payload)}${attemptText(event.data.attempt)}`;
    case 'step.lost':
      return `lost      ${path}  its worker died; it is tried again`;
    case 'approval.requested':
      return `approval  ${path}  ${oneLine(event.data.message)}`;
    case 'wait.opened':
      return waitText(path, event.data);
    case 'wait.resolved':
      return event.data.outcome === 'resolved'
        ? undefined
        : `${event.data.outcome.padEnd(9)} ${path}${event.actor === undefined ? '  at its deadline' : byText(event.actor)}`;
    case 'wait.expired':
      return `expired   ${path}`;
    case 'child.started':
      return `child     ${path}  run ${event.data.childRunId} of ${oneLine(event.data.workflow)}`;
    case 'child.ended':
      return `${(event.data.status === 'completed' ? 'done' : event.data.status).padEnd(9)} ${path}  run ${event.data.childRunId}`;
    case 'run.parked':
      return `parked    ${event.data.reason}: ${oneLine(event.data.message)}`;
    case 'run.paused':
    case 'run.resumed':
    case 'run.cancel_requested':
      return `${event.type.slice('run.'.length).replace('_', ' ')}${byText(event.actor)}`;
    default:
      return undefined;
  }
}

function waitText(path: string, data: Extract<StoredEvent, { type: 'wait.opened' }>['data']): string {
  const until = data.dueAt === undefined ? '' : `  until ${timeText(data.dueAt)}`;
  const message = data.message === undefined ? '' : `  ${oneLine(data.message)}`;
  return `${data.kind.padEnd(9)} ${path}${message}${until}`;
}

function failureText(payload: string | undefined): string {
  const failure = failureIn(payload);
  return failure === undefined ? 'without a reason' : failureLine(failure);
}

/** How it ended, where that is not the usual way. */
function labelText(outcome: string | undefined): string {
  return outcome === undefined || outcome === 'ok' ? '' : `  ${oneLine(outcome)}`;
}

function attemptText(attempt: number | undefined): string {
  return attempt === undefined || attempt === 1 ? '' : `  attempt ${attempt}`;
}

function nextText(dueAt: number | null): string {
  return dueAt === null ? '' : `  next attempt at ${timeText(dueAt)}`;
}

function byText(actor: string | undefined): string {
  return actor === undefined ? '' : `  by ${oneLine(actor)}`;
}
