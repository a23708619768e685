/** Second stage: has the effect. The only place with a catch around user code. */
import { messageOf } from '../../errors/index.ts';
import { runAs } from '../../replay/index.ts';
import { encodeValue, formatDuration, type Json, type StopTimer } from '../../std/index.ts';
import {
  addUsage,
  type Failure,
  FailureError,
  failureOf,
  type KindResult,
  type StepContext,
  usageOf,
} from '../../step/index.ts';
import { CLOSURE_GRACE_MS, KIND_GRACE_MS, MAX_PROGRESS, MAX_TIMER_MS } from '../defaults.ts';
import type { AttemptEnd, Execution } from '../execution.ts';

export async function execute(execution: Execution): Promise<Execution> {
  if (execution.end) return execution;
  const { clock } = execution.host.platform;
  execution.startedAt = clock.now();
  const began = execution.begin(execution);
  if (began) await began;
  const startedMonotonic = clock.monotonic();
  execution.end = await attempt(execution);
  execution.endedAt = execution.startedAt + Math.round(clock.monotonic() - startedMonotonic);
  return execution;
}

async function attempt(execution: Execution): Promise<AttemptEnd> {
  const stopTimer = limitTime(execution);
  try {
    return await Promise.race([fire(execution), abandoned(execution)]);
  } finally {
    stopTimer?.();
  }
}

async function fire(execution: Execution): Promise<AttemptEnd> {
  const { spec, kind, abort } = execution;
  try {
    const context = contextOf(execution);
    const ambient = {
      runId: execution.runId,
      stepPath: spec.path,
      onUnhandled: (reason: unknown) => logUnhandled(execution, reason),
    };
    const result = await runAs(ambient, async (): Promise<KindResult> => {
      if (spec.run) return { output: await spec.run(context) };
      return await kind.execute(execution.input as never, context);
    });
    if (abort.signal.aborted) return { ok: false, failure: abortFailure(execution) };
    return { ok: true, outcome: result.outcome ?? 'ok', value: result.output };
  } catch (error) {
    return {
      ok: false,
      failure: abort.signal.aborted ? abortFailure(execution) : failureOf(error, spec.path),
    };
  }
}

/** An aborted attempt has a moment to clean up; then it is left behind, so that it can hold nothing up for ever. */
function abandoned(execution: Execution): Promise<AttemptEnd> {
  const { abort, spec, host } = execution;
  return new Promise((resolve) => {
    const leave = (): void => {
      const graceMs = spec.run ? CLOSURE_GRACE_MS : KIND_GRACE_MS;
      host.platform.setTimer(graceMs, () => resolve({ ok: false, failure: abortFailure(execution) }));
    };
    abort.signal.addEventListener('abort', leave, { once: true });
  });
}

function abortFailure(execution: Execution): Failure {
  const reason: unknown = execution.abort.signal.reason;
  if (reason instanceof FailureError) return { ...reason.failure, path: execution.spec.path };
  return {
    class: 'cancelled',
    code: 'STEP_CANCELLED',
    message: messageOf('STEP_CANCELLED', { reason: String(reason) }),
    path: execution.spec.path,
  };
}

/** Arms the timer of the attempt, or of the step's deadline where that is nearer. */
function limitTime(execution: Execution): StopTimer | undefined {
  const {
    host,
    timeoutMs = Number.POSITIVE_INFINITY,
    deadlineAt = Number.POSITIVE_INFINITY,
    spec,
  } = execution;
  const restMs = Math.max(0, deadlineAt - host.platform.clock.now());
  const limitMs = Math.min(timeoutMs, restMs);
  if (limitMs > MAX_TIMER_MS) return undefined;
  const code = restMs < timeoutMs ? 'STEP_DEADLINE' : 'STEP_TIMEOUT';
  const limit = formatDuration(code === 'STEP_DEADLINE' ? (spec.deadlineMs ?? restMs) : timeoutMs);
  return host.platform.setTimer(limitMs, () => {
    execution.abort.abort(new FailureError({ class: 'timeout', code, message: messageOf(code, { limit }) }));
  });
}

function contextOf(execution: Execution): StepContext {
  const { host, runId, tenant, spec, attempt: number, abort } = execution;
  let progressed = 0;
  return {
    runId,
    tenant,
    workerId: host.workerId,
    path: spec.path,
    attempt: number,
    idempotencyKey: idempotencyKey(runId, spec.path),
    signal: abort.signal,
    report: (usage) => {
      execution.usage = addUsage(execution.usage, usageOf(usage));
    },
    progress: (data: Json) => {
      if (progressed++ >= MAX_PROGRESS || abort.signal.aborted) return;
      execution.progress(host.secrets.mask(encodeValue(data, `the progress of "${spec.path}"`)));
    },
    log: (level, message, fields) => {
      host.platform.logger.log(level, host.secrets.mask(message), {
        ...fields,
        runId,
        path: spec.path,
        attempt: number,
        workerId: host.workerId,
        tenant,
      });
    },
    secret: (name) => host.secrets.get(name),
  };
}

/** The same for every attempt of a step of a run. */
export function idempotencyKey(runId: string, path: string): string {
  return `${runId}:${path}`;
}

function logUnhandled(execution: Execution, reason: unknown): void {
  const { host, runId, spec, attempt: number, tenant } = execution;
  const fields = {
    runId,
    path: spec.path,
    attempt: number,
    workerId: host.workerId,
    tenant,
    error: host.secrets.mask(String(reason)),
  };
  host.platform.logger.log('error', 'a promise of this step was rejected and nobody handled it', fields);
}
