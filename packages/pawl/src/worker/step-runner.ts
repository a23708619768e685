/** Brings the open steps of one run to their ends: slots, attempts, retries, at-most-once, cancels. */
import { messageOf } from '../errors/index.ts';
import type { NewEvent, RunRef, RunState, StepPath, StepSpec } from '../run/index.ts';
import { CLOSURE_KIND } from '../run/index.ts';
import { digestText, encodeValue, NO_VALUE, payloadOf } from '../std/index.ts';
import { addUsage, type AnyKind, type Failure, failureOf, NO_USAGE } from '../step/index.ts';
import type { Execution } from './execution.ts';
import type { SessionHost } from './host.ts';
import { openStep, type OpenStep } from './open-step.ts';
import type { Outbox } from './outbox.ts';
import { runPipeline } from './pipeline/run-pipeline.ts';
import { reconcileStep } from './reconcile.ts';
import { StepTable } from './step-table.ts';
import { Stop } from './stop.ts';

/** What the runner needs of the session whose steps it runs. */
export interface RunnerSession {
  readonly host: SessionHost;
  readonly run: RunRef;
  readonly state: RunState;
  readonly outbox: Outbox;
  /** New starts may fire: the run is held, and neither paused nor ending. */
  readonly mayFire: boolean;
  /** The log is known to its end: ends of attempts can be recorded. */
  readonly mayRecord: boolean;
  /** Something was put in the outbox that should be written now. */
  flush(): void;
  /** A start was put in the outbox that may wait a moment. */
  flushSoon(): void;
  /** A step has ended for good; `number` is its entry in the outbox. */
  onStepEnd(step: OpenStep, event: NewEvent, number: number): void;
  /** An attempt ended without ending the step. */
  onAttemptEnd(): void;
  /** Resolves when everything up to this entry is durable; rejects when the session is over. */
  whenDurable(number: number): Promise<void>;
}

const CLOSURE: AnyKind = {
  name: CLOSURE_KIND,
  execute: () => Promise.reject(new Error('a closure step brings its own function')),
};

export class StepRunner {
  readonly #session: RunnerSession;
  readonly #steps = new StepTable();
  /** Ends of steps that were dropped with a doubtful commit, by path. */
  readonly #salvaged = new Map<StepPath, NewEvent>();
  #progressIndex = 0;

  constructor(session: RunnerSession) {
    this.#session = session;
  }

  get open(): IterableIterator<OpenStep> {
    return this.#steps.values();
  }

  get count(): number {
    return this.#steps.size;
  }

  /** Steps that are doing something, or will without anybody's help. */
  get isBusy(): boolean {
    return this.#steps.size > this.#steps.count('delayed') + this.#steps.count('held');
  }

  get isRunning(): boolean {
    return this.#steps.count('running') > 0;
  }

  get heldStep(): OpenStep | undefined {
    return this.#steps.first('held');
  }

  /** When the next delayed attempt is due; undefined when there is none. */
  get nextDueAt(): number | undefined {
    return this.#steps.nextDueAt;
  }

  has(path: StepPath): boolean {
    return this.#steps.get(path) !== undefined;
  }

  /** Takes a step on; `barrier` is the outbox entry that must be durable before it fires. */
  schedule(spec: StepSpec, barrier: number): void {
    const running = this.#steps.get(spec.path);
    if (running) return this.#attach(running);
    const kind = spec.run ? CLOSURE : this.#session.host.kinds.get(spec.kind);
    if (!kind) return this.#refuse(spec);
    const known = this.#session.state.steps.get(spec.path);
    const step = openStep(spec, { kind, barrier, known });
    this.#steps.add(step);
    const salvaged = this.#salvaged.get(spec.path);
    if (salvaged) return this.#recordAgain(step, salvaged);
    if (known?.status === 'running') this.#takeOver(step);
    else if (known?.dueAt === null) this.#steps.move(step, 'held');
    else if (known && step.dueAt > this.#session.host.platform.clock.now()) this.#steps.move(step, 'delayed');
    this.advance(step);
  }

  /** An attempt that survived a change of epoch: the log may or may not hold its start. */
  #attach(step: OpenStep): void {
    const { execution } = step;
    if (!execution) return;
    execution.hasBegun = this.#session.state.steps.has(step.spec.path);
    if (execution.event) this.#write(step, execution);
  }

  /** Before a replay: attempts that run go on, everything else is asked for again. */
  keepRunning(): void {
    for (const step of this.#steps.values()) {
      if (step.status === 'running') continue;
      step.isCancelled = true;
      step.stopWaiting?.();
      this.#steps.remove(step);
    }
  }

  /** Keeps ends of steps that may not have landed. */
  salvage(events: readonly NewEvent[]): void {
    for (const event of events) if (event.path !== undefined) this.#salvaged.set(event.path, event);
  }

  /** Records an end again that the log turned out not to hold. */
  #recordAgain(step: OpenStep, event: NewEvent): void {
    this.#salvaged.delete(step.spec.path);
    this.#steps.remove(step);
    const data = event.data as {
      readonly start?: unknown;
      readonly endedAt: number;
      readonly durationMs: number;
    };
    const isKnown = data.start !== undefined || this.#session.state.steps.has(step.spec.path);
    const start = { at: data.endedAt - data.durationMs, kind: step.spec.kind, after: step.spec.after };
    const complete = (isKnown ? event : { ...event, data: { ...event.data, start } }) as NewEvent;
    this.#session.onStepEnd(step, complete, this.#session.outbox.add(complete, { mayDeliver: true }));
  }

  /** No executor: an error, never an empty success. */
  #refuse(spec: StepSpec): void {
    const known = [...this.#session.host.kinds.keys()].join(', ');
    const failure: Failure = {
      class: 'terminal',
      code: 'KIND_UNKNOWN',
      message: `${messageOf('KIND_UNKNOWN', { kind: spec.kind })} Known: ${known}.`,
      path: spec.path,
    };
    const step = openStep(spec, { kind: CLOSURE, barrier: 0, known: undefined });
    const at = this.#session.host.platform.clock.now();
    const start = { at, kind: spec.kind, after: spec.after };
    const event: NewEvent = {
      type: 'step.failed',
      path: spec.path,
      data: { start, endedAt: at, durationMs: 0 },
      payload: payloadOf(failure as never),
    };
    this.#session.onStepEnd(step, event, this.#session.outbox.add(event, { mayDeliver: true }));
  }

  /** The former holder died inside this attempt. */
  #takeOver(step: OpenStep): void {
    const attempt = step.attempt - 1;
    const { outbox } = this.#session;
    if (!step.spec.isAtMostOnce) {
      outbox.add({ type: 'step.lost', path: step.spec.path, data: attempt === 1 ? {} : { attempt } });
      this.#session.flush();
      return;
    }
    step.needsReconcile = true;
  }

  /** Goes on with every step that can: after a commit, a resume or a timer. */
  advanceAll(): void {
    if (this.#steps.count('blocked') + this.#steps.count('delayed') === 0) return;
    for (const step of this.#steps.values()) this.advance(step); // what it removes on the way is simply not visited
  }

  advance(step: OpenStep): void {
    if (!this.#session.mayFire || step.isCancelled) return;
    if (step.status === 'delayed' && step.dueAt <= this.#session.host.platform.clock.now())
      this.#steps.move(step, 'blocked');
    if (step.status !== 'blocked' || step.barrier > this.#session.outbox.durable) return;
    this.#steps.move(step, 'queued');
    step.stopWaiting = this.#session.host.slots.take(() => {
      if (this.#session.mayFire && !step.isCancelled) void this.#fire(step);
      else {
        this.#steps.move(step, 'blocked');
        this.#session.host.slots.give();
      }
    });
  }

  async #fire(step: OpenStep): Promise<void> {
    this.#steps.move(step, 'running');
    try {
      if (step.needsReconcile)
        await reconcileStep(
          step,
          { run: this.#session.run, platform: this.#session.host.platform },
          (resolution) => this.#reconciled(step, resolution),
        );
      else await runPipeline(this.#execution(step));
    } catch (error) {
      this.#broken(step, error);
    } finally {
      this.#session.host.slots.give();
    }
  }

  #execution(step: OpenStep): Execution {
    const { spec, attempt, used } = step;
    const { run } = this.#session;
    const { platform } = this.#session.host;
    step.firstStartedAt ??= platform.clock.now();
    const execution: Execution = {
      host: this.#session.host,
      runId: run.runId,
      tenant: run.tenant,
      spec,
      kind: step.kind,
      retry: step.retry,
      attempt,
      used,
      timeoutMs: step.timeoutMs,
      deadlineAt: spec.deadlineMs === undefined ? undefined : step.firstStartedAt + spec.deadlineMs,
      stop: new Stop(),
      input: spec.input,
      startedAt: 0,
      endedAt: 0,
      usage: NO_USAGE,
      hasBegun: false,
      begin: (begun) => this.#begin(step, begun),
      progress: (payload) => this.#progress(step, payload),
      write: (done) => this.#write(step, done),
    };
    step.execution = execution;
    return execution;
  }

  #progress(step: OpenStep, payload: string): void {
    if (step.isCancelled) return;
    const data = { index: this.#progressIndex++, ...(step.attempt === 1 ? {} : { attempt: step.attempt }) };
    this.#session.outbox.add({ type: 'step.progressed', path: step.spec.path, data, payload });
    this.#session.flush();
  }

  /** The start is written behind; an at-most-once step waits until it is durable, and until the holder is surely alive. */
  #begin(step: OpenStep, execution: Execution): Promise<void> | undefined {
    const { outbox } = this.#session;
    const event = startEvent(step, execution);
    execution.hasBegun = true;
    if (step.spec.isAtMostOnce) return this.#beginOnce(event);
    outbox.addStart(event);
    this.#session.flushSoon();
    return undefined;
  }

  async #beginOnce(event: NewEvent): Promise<void> {
    const number = this.#session.outbox.add(event);
    this.#session.flush();
    await this.#session.whenDurable(number);
    await this.#session.host.whenBeatIsFresh();
  }

  #write(step: OpenStep, execution: Execution): void {
    const { outbox } = this.#session;
    const { event } = execution;
    if (!this.#session.mayRecord && !step.isCancelled) return; // kept until the log is known
    delete step.execution;
    if (!event || step.isCancelled || !this.#steps.holds(step)) return;
    const start =
      outbox.takeStart(step.spec.path) ?? (execution.hasBegun ? undefined : startOf(step, execution));
    const complete = start ? ({ ...event, data: { ...event.data, start } } as typeof event) : event;
    step.used++;
    step.usage = addUsage(step.usage, execution.usage);
    step.durationMs += complete.data.durationMs;
    const ledger = complete.data.usage && {
      path: step.spec.path,
      attempt: step.attempt,
      usage: complete.data.usage,
    };
    const isFinal = complete.type !== 'step.retried';
    const number = outbox.add(complete, { mayDeliver: isFinal, ...(ledger ? { ledger } : {}) });
    if (isFinal) {
      this.#steps.remove(step);
      this.#session.onStepEnd(step, complete, number);
      return;
    }
    this.#steps.move(step, complete.data.dueAt === null ? 'held' : 'delayed');
    step.dueAt = complete.data.dueAt ?? 0;
    if (execution.parks) step.parks = execution.parks;
    step.attempt++;
    this.#session.onAttemptEnd();
  }

  #reconciled(
    step: OpenStep,
    resolution: { readonly happened: boolean; readonly output?: unknown } | undefined,
  ): void {
    const { outbox } = this.#session;
    const { platform } = this.#session.host;
    const { path } = step.spec;
    step.needsReconcile = false;
    const attempt = step.attempt - 1;
    const numbered = attempt === 1 ? {} : { attempt };
    const at = platform.clock.now();
    if (resolution?.happened) {
      const payload =
        resolution.output === undefined
          ? NO_VALUE
          : encodeValue(resolution.output, `what reconcile of "${path}" returned`);
      const event: NewEvent = {
        type: 'step.completed',
        path,
        data: { ...numbered, endedAt: at, durationMs: 0 },
        payload,
      };
      this.#steps.remove(step);
      this.#session.onStepEnd(step, event, outbox.add(event, { mayDeliver: true }));
      return;
    }
    if (resolution) {
      outbox.add({ type: 'step.lost', path, data: numbered });
      this.#steps.move(step, 'blocked');
      this.#session.flush();
      this.advance(step);
      return;
    }
    const failure = unknownEffect(path, 'its holder died in it');
    outbox.add({
      type: 'step.retried',
      path,
      data: { ...numbered, dueAt: null, endedAt: at, durationMs: 0 },
      payload: payloadOf(failure as never),
    });
    this.#steps.move(step, 'held');
    this.#session.onAttemptEnd();
  }

  /** Something of ours threw: the attempt is not recorded as anything; the run is looked at again. */
  #broken(step: OpenStep, error: unknown): void {
    const { run } = this.#session;
    const { platform } = this.#session.host;
    const fields = {
      runId: run.runId,
      path: step.spec.path,
      attempt: step.attempt,
      workerId: this.#session.host.workerId,
      error: String(error),
    };
    platform.logger.log('error', 'an attempt could not be recorded', fields);
    const failure = failureOf(error, step.spec.path);
    const at = platform.clock.now();
    const start = this.#session.outbox.takeStart(step.spec.path);
    const event: NewEvent = {
      type: 'step.failed',
      path: step.spec.path,
      data: { endedAt: at, durationMs: 0, ...(start ? { start } : {}) },
      payload: payloadOf(failure as never),
    };
    if (!this.#steps.holds(step) || step.isCancelled) return;
    this.#steps.remove(step);
    this.#session.onStepEnd(step, event, this.#session.outbox.add(event, { mayDeliver: true }));
  }

  /** Cancels a step: aborts its attempt and returns what is recorded of it; undefined where nothing of it is in the log. */
  cancel(path: StepPath, reason: string): NewEvent | undefined {
    const step = this.#steps.get(path);
    const known = this.#session.state.steps.get(path);
    const start = this.#session.outbox.takeStart(path);
    const usage = step?.execution?.usage ?? NO_USAGE;
    if (step) {
      step.isCancelled = true;
      step.stopWaiting?.();
      step.execution?.stop.stop(reason);
      this.#steps.remove(step);
    }
    if (!known && !start && !(step && step.status === 'running')) return undefined;
    const attempt = step?.attempt ?? known?.attempt ?? 1;
    const data = {
      reason,
      ...(attempt === 1 ? {} : { attempt }),
      ...(start ? { start } : {}),
      ...(usage === NO_USAGE ? {} : { usage }),
    };
    return { type: 'step.cancelled', path, data };
  }

  /** The run is lost to this process: its attempts are told to stop, nothing of them is recorded. */
  abortAll(reason: unknown): void {
    for (const step of this.#steps.values()) {
      step.isCancelled = true;
      step.stopWaiting?.();
      step.execution?.stop.stop(reason);
      this.#steps.remove(step);
    }
  }
}

function startEvent(step: OpenStep, execution: Execution): NewEvent {
  const { at, input, ...data } = startOf(step, execution);
  const attempt = step.attempt === 1 ? {} : { attempt: step.attempt };
  return {
    type: 'step.started',
    path: step.spec.path,
    data: { ...attempt, ...data, at },
    ...(input === undefined ? {} : { payload: input }),
  };
}

interface Start {
  readonly at: number;
  readonly kind?: string;
  readonly after?: StepSpec['after'];
  readonly label?: string;
  readonly check?: string;
  readonly input?: string;
}

/** What a start says; kind `step` and, after the first attempt, everything that is known already is left out. */
function startOf(step: OpenStep, execution: Execution): Start {
  const { spec } = step;
  const kind = spec.kind === CLOSURE_KIND ? {} : { kind: spec.kind };
  if (step.attempt > 1) return { at: execution.startedAt, ...kind };
  const input = recordedInput(step, execution);
  return {
    at: execution.startedAt,
    ...kind,
    after: spec.after,
    ...(spec.label === undefined ? {} : { label: spec.label }),
    ...(spec.check === undefined ? {} : { check: spec.check }),
    ...(input === undefined ? {} : { input }),
  };
}

/** Inputs longer than this are recorded by their digest: the log is not the place for what the code can say again. */
const MAX_RECORDED_INPUT = 16_384;

function recordedInput(step: OpenStep, execution: Execution): string | undefined {
  const { spec, kind } = step;
  if (spec.input === undefined || !execution.hasBegun) return undefined; // what the guard refused is not recorded
  const value: unknown = !spec.run && kind.record ? kind.record(execution.input as never) : spec.input;
  const text = execution.host.secrets.mask(encodeValue(value, `the input of "${spec.path}"`));
  return text.length <= MAX_RECORDED_INPUT
    ? text
    : payloadOf({ digest: digestText(text), bytes: text.length });
}

function unknownEffect(path: StepPath, problem: string): Failure {
  return {
    class: 'lost',
    code: 'EFFECT_UNKNOWN',
    message: messageOf('EFFECT_UNKNOWN', { path, problem }),
    path,
  };
}
