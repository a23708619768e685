/** Ends of attempts that no attempt writes by itself. */
import { messageOf } from '../errors/index.ts';
import type { NewEvent, StepPath, StepSpec, StepState } from '../run/index.ts';
import { encodeValue, formatDuration, NO_VALUE, payloadOf } from '../std/index.ts';
import { type Failure, failureOf } from '../step/index.ts';
import type { EndOfAttempt, Execution, PipelineHost } from './execution.ts';
import { failurePayload } from './failure-payload.ts';
import type { OpenStep } from './open-step.ts';
import { numbered } from './step-start.ts';

/** Why the run parks where an attempt ended like this; undefined where another one follows, or none. */
export function parksOf(event: EndOfAttempt): Execution['parks'] {
  if (event.type !== 'step.retried' || event.data.dueAt !== null) return undefined;
  return event.data.unknown ? 'unknown_effect' : 'retries_exhausted';
}

/** Why the run parks because of a step without another attempt. */
export function parkedBy({ dueAt, isUnknown }: StepState): Execution['parks'] {
  if (dueAt !== null) return 'poisoned';
  return isUnknown ? 'unknown_effect' : 'retries_exhausted';
}

/** `reconcile` found that the attempt in question happened. @throws `VALUE_INVALID` where the output cannot be recorded: the fate then stays open. */
export function happenedEnd(
  step: OpenStep,
  output: unknown,
  found: { readonly nowMs: number; readonly payloadBytes: number; readonly isAnswer: boolean },
): EndOfAttempt {
  const { path } = step.spec;
  const { nowMs, payloadBytes, isAnswer } = found;
  const payload =
    output === undefined
      ? NO_VALUE
      : encodeValue(output, `what reconcile of "${path}" returned`, payloadBytes);
  const { endedAt = nowMs, durationMs = 0, usage } = step.unknown?.held.data ?? {};
  const data = { ...numbered(step.attempt - 1), endedAt, durationMs, ...(usage ? { usage } : {}) };
  if (!isAnswer) return { type: 'step.completed', path, data, payload };
  return { type: 'step.completed', path, data: { ...data, answered: true }, payload }; // the attempt ended as unknown before
}

interface EndedAttempt {
  readonly path: StepPath;
  readonly attempt: number;
  readonly endedAt: number;
}

/** Nobody knows whether an at-most-once attempt happened: no other one before somebody says so. */
export function unknownEnd({ path, attempt, endedAt }: EndedAttempt, problem: string): EndOfAttempt {
  const message = messageOf('EFFECT_UNKNOWN', { path, problem });
  const failure: Failure = { class: 'lost', code: 'EFFECT_UNKNOWN', message, path };
  const data = { ...numbered(attempt), dueAt: null, unknown: true, endedAt, durationMs: 0 };
  return { type: 'step.retried', path, data, payload: payloadOf(failure as never) };
}

/** Ends of steps that are away and whose deadline has passed. */
export function overdueEnds(steps: Iterable<OpenStep>, nowMs: number): readonly EndOfAttempt[] {
  return [...steps]
    .filter(({ status, dueAt }) => status === 'away' && dueAt <= nowMs)
    .map((step) => deadlineEnd(step, nowMs));
}

/** Its task is with another worker, or with none. */
function deadlineEnd({ spec, attempt, retry }: OpenStep, endedAt: number): EndOfAttempt {
  const { path } = spec;
  const message = messageOf('STEP_DEADLINE', { limit: formatDuration(spec.deadlineMs ?? 0) });
  const failure: Failure = { class: 'timeout', code: 'STEP_DEADLINE', message, path };
  const data = { ...numbered(attempt), endedAt, durationMs: 0 };
  const payload = payloadOf(failure as never);
  if (retry.onExhausted === 'park' && retry.on.includes('timeout'))
    return { type: 'step.retried', path, data: { ...data, dueAt: null }, payload };
  return { type: 'step.failed', path, data, payload };
}

/** No executor: an error, never an empty success. */
export function unknownKindEnd(
  spec: StepSpec,
  { at, known }: { readonly at: number; readonly known: Iterable<string> },
): NewEvent {
  const failure: Failure = {
    class: 'terminal',
    code: 'KIND_UNKNOWN',
    message: `${messageOf('KIND_UNKNOWN', { kind: spec.kind })} Known: ${[...known].join(', ')}.`,
    path: spec.path,
  };
  return {
    type: 'step.failed',
    path: spec.path,
    data: { start: { at, kind: spec.kind, after: spec.after }, endedAt: at, durationMs: 0 },
    payload: payloadOf(failure as never),
  };
}

/** Something of ours threw around the attempt, or it cannot be read: the step fails with it. */
export function brokenEnd(
  { path, attempt }: { readonly path: StepPath; readonly attempt: number },
  error: unknown,
  host: PipelineHost,
): EndOfAttempt {
  const data = { ...numbered(attempt), endedAt: host.platform.clock.now(), durationMs: 0 };
  return { type: 'step.failed', path, data, payload: failurePayload(failureOf(error, path), host) };
}
