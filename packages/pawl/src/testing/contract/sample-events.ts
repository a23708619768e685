/** Events as the contract's tests write them. */
import type { NewEvent } from '../../run/index.ts';

const ENDED = { endedAt: 1_000, durationMs: 5 };

export function completed(path: string, payload = '{"n":1}'): NewEvent {
  return { type: 'step.completed', path, data: ENDED, payload };
}

export function started(path: string): NewEvent {
  return { type: 'step.started', path, data: {} };
}

export function retried(path: string, dueAt: number): NewEvent {
  return { type: 'step.retried', path, data: { ...ENDED, dueAt }, payload: '{"code":"STEP_THREW"}' };
}

export function opened(
  kind: 'sleep' | 'signal' | 'input',
  path: string,
  more: { name?: string; dueAt?: number } = {},
): NewEvent {
  const { name = path, dueAt } = more;
  return { type: 'wait.opened', path, data: { kind, name, ...(dueAt === undefined ? {} : { dueAt }) } };
}

export function asked(path: string, message: string): NewEvent {
  return { type: 'approval.requested', path, data: { name: path, message, reason: 'workflow' } };
}

export function resolved(path: string): NewEvent {
  return { type: 'wait.resolved', path, data: { outcome: 'approved' }, actor: 'ada' };
}

export function signalled(name: string, payload = '{"text":"hello"}'): NewEvent {
  return { type: 'signal.received', data: { name }, payload };
}

export const runCompleted: NewEvent = { type: 'run.completed', data: {}, payload: '{"ok":true}' };
export const runStarted: NewEvent = { type: 'run.started', data: {} };
export const cancelRequested: NewEvent = { type: 'run.cancel_requested', data: {} };

export function parked(reason: 'diverged' | 'poisoned' = 'diverged'): NewEvent {
  return { type: 'run.parked', data: { reason, message: 'see below' }, payload: '"a difference"' };
}
