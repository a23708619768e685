/** Second stage: has the effect. The only place with a catch around user code. */
import { messageOf } from '../../errors/index.ts';
import { runAs } from '../../replay/index.ts';
import { DEFAULT_TENANT } from '../../run/index.ts';
import { encodeValue, type Json, type LogFields } from '../../std/index.ts';
import {
  addUsage,
  canEndAs,
  type Failure,
  FailureError,
  failureOf,
  type KindResult,
  type StepContext,
  usageOf,
} from '../../step/index.ts';
import { CLOSURE_GRACE_MS, KIND_GRACE_MS, MAX_PROGRESS } from '../defaults.ts';
import type { AttemptEnd, Execution } from '../execution.ts';
import { limitTime, noteSign } from './limits.ts';

/** Waits only where there is something to wait for: for a start that must be durable first, and for what the code promises. */
export function execute(execution: Execution): Execution | Promise<Execution> {
  if (execution.end) return execution;
  execution.startedAt = execution.host.platform.clock.now();
  const began = execution.begin(execution);
  return began ? began.then(() => fireUnlessStopped(execution)) : fireAndTime(execution);
}

/** While it waited for its start it may have been cancelled. */
function fireUnlessStopped(execution: Execution): Execution | Promise<Execution> {
  if (!execution.stop.isStopped) return fireAndTime(execution);
  const startedMonotonic = execution.host.platform.clock.monotonic();
  return timed(execution, { ok: false, failure: stopFailure(execution) }, startedMonotonic);
}

function fireAndTime(execution: Execution): Execution | Promise<Execution> {
  const startedMonotonic = execution.host.platform.clock.monotonic();
  const end = attempt(execution);
  if (end instanceof Promise) return end.then((ended) => timed(execution, ended, startedMonotonic));
  return timed(execution, end, startedMonotonic);
}

function timed(execution: Execution, end: AttemptEnd, startedMonotonic: number): Execution {
  const spentMs = execution.host.platform.clock.monotonic() - startedMonotonic;
  execution.end = end;
  execution.endedAt = execution.startedAt + Math.round(spentMs);
  return execution;
}

/** An aborted attempt has a moment to clean up; then it is left behind, so that it can hold nothing up for ever. */
function attempt(execution: Execution): AttemptEnd | Promise<AttemptEnd> {
  const { stop, spec, host } = execution;
  const stopTimer = limitTime(execution);
  const fired = fire(execution);
  if (!(fired instanceof Promise)) {
    stopTimer?.();
    return fired;
  }
  return new Promise((resolve) => {
    const end = (ended: AttemptEnd): void => {
      stopTimer?.();
      resolve(ended);
    };
    stop.onStop(() => {
      const graceMs = spec.run ? CLOSURE_GRACE_MS : KIND_GRACE_MS;
      host.platform.setTimer(graceMs, () => end({ ok: false, failure: stopFailure(execution) }));
    });
    void fired.then(end);
  });
}

/** A function that returns no promise has ended when it returns, and nothing is waited for. */
function fire(execution: Execution): AttemptEnd | Promise<AttemptEnd> {
  const { spec, kind } = execution;
  const context = new AttemptContext(execution);
  const ambient = {
    runId: execution.runId,
    stepPath: spec.path,
    onUnhandled: (reason: unknown) => logUnhandled(execution, reason),
  };
  try {
    const result = runAs(ambient, (): unknown => {
      const first: unknown = spec.run ? spec.run(context) : kind.execute(execution.input as never, context);
      return isThenable(first) ? settle(first) : first; // settled inside too: a lazy query begins its work here
    });
    return result instanceof Promise ? endOf(execution, result) : returned(execution, result);
  } catch (error) {
    return thrown(execution, error);
  }
}

async function settle(result: PromiseLike<unknown>): Promise<unknown> {
  return await result;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

async function endOf(execution: Execution, result: Promise<unknown>): Promise<AttemptEnd> {
  try {
    return returned(execution, await result);
  } catch (error) {
    return thrown(execution, error);
  }
}

function returned(execution: Execution, result: unknown): AttemptEnd {
  if (execution.stop.isStopped) return { ok: false, failure: stopFailure(execution) };
  if (execution.spec.run) return { ok: true, outcome: 'ok', value: result };
  const { outcome = 'ok', output } = result as KindResult;
  return endAs(execution, outcome, output);
}

/** A label that the kind has not declared is a failure. */
export function endAs(execution: Execution, outcome: string, value: unknown): AttemptEnd {
  if (canEndAs(execution.kind, outcome)) return { ok: true, outcome, value };
  return { ok: false, failure: strangeLabel(execution, outcome) };
}

/** An edge could not name it: the path would end here as if all were well. */
function strangeLabel({ kind, spec }: Execution, label: string): Failure {
  const message = messageOf('OUTCOME_UNDECLARED', { kind: kind.name, label });
  return { class: 'terminal', code: 'OUTCOME_UNDECLARED', message, path: spec.path };
}

function thrown(execution: Execution, error: unknown): AttemptEnd {
  const { stop, spec } = execution;
  return { ok: false, failure: stop.isStopped ? stopFailure(execution) : failureOf(error, spec.path) };
}

function stopFailure(execution: Execution): Failure {
  const reason: unknown = execution.stop.reason;
  if (reason instanceof FailureError) return { ...reason.failure, path: execution.spec.path };
  return {
    class: 'cancelled',
    code: 'STEP_CANCELLED',
    message: messageOf('STEP_CANCELLED', { reason: String(reason) }),
    path: execution.spec.path,
  };
}

/** What the code of an attempt gets; its parts are made when they are looked at, and work without their object. */
class AttemptContext implements StepContext {
  readonly #execution: Execution;
  #progressed = 0;

  constructor(execution: Execution) {
    this.#execution = execution;
  }

  get runId(): string {
    return this.#execution.runId;
  }

  get tenant(): string {
    return this.#execution.tenant;
  }

  get workerId(): string {
    return this.#execution.host.workerId;
  }

  get path(): string {
    return this.#execution.spec.path;
  }

  get attempt(): number {
    return this.#execution.attempt;
  }

  get idempotencyKey(): string {
    return idempotencyKey(this.#execution, this.#execution.spec.path);
  }

  get signal(): AbortSignal {
    return this.#execution.stop.signal;
  }

  get report(): StepContext['report'] {
    return (usage) => {
      this.#execution.usage = addUsage(this.#execution.usage, usageOf(usage));
    };
  }

  get progress(): StepContext['progress'] {
    return (data: Json) => {
      noteSign(this.#execution);
      const { stop, host, spec } = this.#execution;
      if (this.#progressed++ >= MAX_PROGRESS || stop.isStopped) return;
      this.#execution.progress(
        host.secrets.mask(encodeValue(data, `the progress of "${spec.path}"`, host.payloadBytes)),
      );
    };
  }

  get heartbeat(): StepContext['heartbeat'] {
    return () => noteSign(this.#execution);
  }

  get log(): StepContext['log'] {
    return (level, message, fields) => {
      const { host } = this.#execution;
      host.secrets
        .masking(host.platform.logger)
        .log(level, message, { ...fields, ...factsOf(this.#execution) });
    };
  }

  get secret(): StepContext['secret'] {
    return (name) => this.#execution.host.secrets.get(name);
  }
}

/** What every log line of an attempt carries. */
function factsOf(execution: Execution): LogFields {
  const { host, runId, spec, attempt: number, tenant } = execution;
  return { runId, path: spec.path, attempt: number, workerId: host.workerId, tenant };
}

/** The same for every attempt of a step of a run. */
export function idempotencyKey(
  run: { readonly tenant: string; readonly runId: string },
  path: string,
): string {
  return run.tenant === DEFAULT_TENANT ? `${run.runId}:${path}` : `${run.tenant}:${run.runId}:${path}`;
}

function logUnhandled(execution: Execution, reason: unknown): void {
  const { host } = execution;
  const fields = { ...factsOf(execution), error: host.secrets.mask(String(reason)) };
  host.platform.logger.log('error', 'a promise of this step was rejected and nobody handled it', fields);
}
