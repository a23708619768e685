/** What limits the time of an attempt: its timeout, the deadline of its step, and how long it may give no sign of life. */
import { messageOf } from '../../errors/index.ts';
import { formatDuration, type StopTimer } from '../../std/index.ts';
import { type Failure, FailureError } from '../../step/index.ts';
import type { Execution } from '../execution.ts';

type Code = 'STEP_TIMEOUT' | 'STEP_DEADLINE' | 'STEP_HEARTBEAT';

/** Arms the timers of an attempt; undefined where nothing limits it. */
export function limitTime(execution: Execution): StopTimer | undefined {
  const stopLimit = limitLength(execution);
  const stopWatch = watchSigns(execution);
  if (!stopLimit || !stopWatch) return stopLimit ?? stopWatch;
  return () => {
    stopLimit();
    stopWatch();
  };
}

/** The timeout of the attempt, or the step's deadline where that is nearer. */
function limitLength(execution: Execution): StopTimer | undefined {
  const {
    host,
    timeoutMs = Number.POSITIVE_INFINITY,
    deadlineAt = Number.POSITIVE_INFINITY,
    spec,
  } = execution;
  const restMs = Math.max(0, deadlineAt - host.platform.clock.now());
  const limitMs = Math.min(timeoutMs, restMs);
  if (limitMs === Number.POSITIVE_INFINITY) return undefined;
  const isDeadline = restMs < timeoutMs;
  const limit = isDeadline ? (spec.deadlineMs ?? restMs) : timeoutMs;
  return host.platform.setTimer(limitMs, () =>
    timeOut(execution, isDeadline ? 'STEP_DEADLINE' : 'STEP_TIMEOUT', limit),
  );
}

/** A sign costs the noting of a time: the timer looks at it when it fires, and is armed for the rest. */
function watchSigns(execution: Execution): StopTimer | undefined {
  const { spec, host } = execution;
  const { heartbeatMs } = spec;
  if (heartbeatMs === undefined) return undefined;
  const { clock } = host.platform;
  execution.signAt = clock.monotonic();
  const look = (): void => {
    const restMs = (execution.signAt ?? 0) + heartbeatMs - clock.monotonic();
    if (restMs > 0) stop = host.platform.setTimer(Math.ceil(restMs), look);
    else timeOut(execution, 'STEP_HEARTBEAT', heartbeatMs);
  };
  let stop = host.platform.setTimer(heartbeatMs, look);
  return () => stop();
}

/** The attempt shows that it is alive. */
export function noteSign(execution: Execution): void {
  if (execution.signAt !== undefined) execution.signAt = execution.host.platform.clock.monotonic();
}

function timeOut(execution: Execution, code: Code, limitMs: number): void {
  execution.stop.stop(new FailureError(timeoutFailure(code, limitMs)));
}

export function timeoutFailure(code: Code, limitMs: number): Failure {
  return { class: 'timeout', code, message: messageOf(code, { limit: formatDuration(limitMs) }) };
}
