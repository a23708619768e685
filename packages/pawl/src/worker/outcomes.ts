/** What becomes of an outcome between its step and the disk. */
import { messageOf } from '../errors/index.ts';
import type { Delivery, NewEvent } from '../run/index.ts';
import type { Failure } from '../step/index.ts';
import type { OpenStep } from './open-step.ts';
import type { Ending, SessionCore } from './session-core.ts';

/** The delivery that the fold will make of an outcome, before it is durable. */
export function deliveryOf(step: OpenStep, event: NewEvent): Delivery {
  const isGood = event.type === 'step.completed';
  const data = event.data as Extract<NewEvent, { type: 'step.completed' }>['data'];
  return {
    path: step.spec.path,
    kind: step.spec.kind,
    outcome: isGood ? (data.outcome ?? 'ok') : 'failed',
    payload: event.payload ?? '',
    endedAt: data.endedAt,
    usage: step.usage,
    durationMs: step.durationMs,
    attempt: data.attempt ?? 1,
  };
}

/** What is recorded instead of an outcome that the store cannot hold; undefined for events that are no outcome. */
export function refusedOutcome(event: NewEvent, detail: string): NewEvent | undefined {
  if (event.type !== 'step.completed') return undefined;
  const { outcome: _outcome, answered: _answered, ...data } = event.data;
  const path = event.path ?? '';
  const failure: Failure = {
    class: 'terminal',
    code: 'COMMIT_REFUSED',
    message: messageOf('COMMIT_REFUSED', { problem: detail }),
    path,
  };
  return { type: 'step.failed', path, data, payload: JSON.stringify(failure) };
}

/** Whether an event shows that a run can go on: it takes its strikes away. */
export function isProgress(event: NewEvent): boolean {
  return (
    event.type === 'step.completed' ||
    event.type === 'step.failed' ||
    event.type === 'step.retried' ||
    event.type === 'step.cancelled'
  );
}

/** How a run ends that recorded something which the store cannot hold and which is no step's outcome. */
export function refusedRun(detail: string): Ending {
  const message = messageOf('COMMIT_REFUSED', { problem: detail });
  return { type: 'Fail', failure: { class: 'terminal', code: 'COMMIT_REFUSED', message }, failedSteps: [] };
}

/** Whether the driver may take the end of this call before it is durable: it is the only open one, and nothing holds the run back. */
export function mayRunAhead(session: SessionCore, path: string): boolean {
  const { driver, state, outbox, ending } = session;
  if (outbox.hasConclusion || state.cancelRequested || ending) return false;
  if (state.status === 'paused' || state.status === 'parked') return false;
  return driver.openCount === 1 && driver.isOpen(path);
}
