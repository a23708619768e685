/** Third stage: what is recorded of an attempt, what it used, and whether there is another one. */
import { messageOf } from '../../errors/index.ts';
import { byteLength, findValueProblem, NO_VALUE, type Payload } from '../../std/index.ts';
import { failurePayload } from '../failure-payload.ts';
import { type Failure, isNoUsage, type FailureClass, retryDelay } from '../../step/index.ts';
import type { AttemptEnd, Execution } from '../execution.ts';

/** After one of these nobody knows whether an at-most-once effect happened. */
const UNKNOWN_CLASSES: readonly FailureClass[] = ['timeout', 'retryable', 'cancelled', 'lost'];

export function account(execution: Execution): Execution {
  const end = execution.end as AttemptEnd;
  if (end.ok) {
    const encoded = encode(execution, end.value);
    if (encoded.ok) return completed(execution, end.outcome, encoded.payload);
    return failed(execution, encoded.failure);
  }
  return failed(execution, end.failure);
}

type Encoded =
  | { readonly ok: true; readonly payload: Payload }
  | { readonly ok: false; readonly failure: Failure };

/** The recorded form of what the step returned; checked here, so that the journal only ever sees what it can hold. */
function encode(execution: Execution, value: unknown): Encoded {
  const { path } = execution.spec;
  if (value === undefined) return { ok: true, payload: NO_VALUE };
  const problem = findValueProblem(value);
  if (problem)
    return {
      ok: false,
      failure: terminal(path, 'STEP_VALUE_INVALID', { path: problem.path, problem: problem.problem }),
    };
  const payload = execution.host.secrets.mask(JSON.stringify(value));
  const limit = execution.host.payloadBytes;
  if (payload.length * 3 > limit && byteLength(payload) > limit) {
    return {
      ok: false,
      failure: terminal(path, 'STEP_PAYLOAD_TOO_LARGE', { bytes: byteLength(payload), limit }),
    };
  }
  return { ok: true, payload };
}

function terminal(
  path: string,
  code: 'STEP_VALUE_INVALID' | 'STEP_PAYLOAD_TOO_LARGE',
  params: Record<string, string | number>,
): Failure {
  return { class: 'terminal', code, message: messageOf(code, params), path };
}

function endData(execution: Execution): {
  attempt?: number;
  endedAt: number;
  durationMs: number;
  usage?: Execution['usage'];
} {
  const { attempt, endedAt, startedAt, usage } = execution;
  return {
    ...(attempt === 1 ? {} : { attempt }),
    endedAt,
    durationMs: Math.max(0, endedAt - startedAt),
    ...(isNoUsage(usage) ? {} : { usage }),
  };
}

function completed(execution: Execution, outcome: string, payload: Payload): Execution {
  const data = { ...endData(execution), ...(outcome === 'ok' ? {} : { outcome }) };
  execution.event = { type: 'step.completed', path: execution.spec.path, data, payload };
  return execution;
}

function failed(execution: Execution, failure: Failure): Execution {
  const { spec, retry, host } = execution;
  const hasStarted = execution.startedAt > 0;
  if (!hasStarted) execution.startedAt = execution.endedAt = host.platform.clock.now();
  const payload = failurePayload(failure, host);
  const base = { path: spec.path, payload };
  const held = { type: 'step.retried', ...base, data: { ...endData(execution), dueAt: null } } as const;
  const delayMs = nextDelay(execution, failure);
  const isParked = delayMs === undefined && retry.onExhausted === 'park' && retry.on.includes(failure.class);
  if (isParked) execution.parks = 'retries_exhausted';
  if (delayMs !== undefined)
    execution.event = { ...held, data: { ...held.data, dueAt: execution.endedAt + delayMs } };
  else execution.event = isParked ? held : { type: 'step.failed', ...base, data: endData(execution) };
  if (spec.isAtMostOnce && hasStarted && UNKNOWN_CLASSES.includes(failure.class)) {
    execution.instead = execution.event;
    execution.event = { ...held, data: { ...held.data, unknown: true } };
    execution.parks = 'unknown_effect';
  }
  return execution;
}

/** Milliseconds to the next attempt; none where it would only begin after the deadline of the step. */
function nextDelay(execution: Execution, failure: Failure): number | undefined {
  const { retry, used, host, deadlineAt, endedAt } = execution;
  if (failure.code === 'STEP_DEADLINE') return undefined;
  const delayMs = retryDelay(retry, failure, { used: used + 1, chance: host.platform.random() });
  if (delayMs === undefined || deadlineAt === undefined) return delayMs;
  return endedAt + delayMs < deadlineAt ? delayMs : undefined;
}
