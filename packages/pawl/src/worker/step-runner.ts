/** Brings the open steps of one run to their ends: slots, attempts, retries, at-most-once, cancels. */
import type { NewEvent, Reconciliation, StepPath, StepSpec, StepState } from '../run/index.ts';
import { addUsage, NO_USAGE } from '../step/index.ts';
import {
  brokenEnd,
  happenedEnd,
  overdueEnds,
  parkedBy,
  parksOf,
  unknownEnd,
  unknownKindEnd,
} from './attempt-ends.ts';
import { POISON_STRIKES } from './defaults.ts';
import { dispatchOf, distantKind, isDispatched, mayGoOut } from './dispatch.ts';
import type { EndOfAttempt, Execution } from './execution.ts';
import { CLOSURE, openStep, type OpenStep } from './open-step.ts';
import { account } from './pipeline/account.ts';
import { runPipeline } from './pipeline/run-pipeline.ts';
import { reconcileStep } from './reconcile.ts';
import type { RunnerSession } from './runner-session.ts';
import { attemptOf, Salvage } from './salvage.ts';
import { StepTable } from './step-table.ts';
import { numbered, startEvent, startOf } from './step-start.ts';
import { Stop } from './stop.ts';

export class StepRunner {
  readonly #session: RunnerSession;
  readonly #steps = new StepTable();
  readonly #salvage = new Salvage();
  /** At-most-once steps whose start was dropped with a doubtful commit: it may stand in the log, they did not fire. */
  readonly #unfired = new Set<StepPath>();
  /** Attempts were kept through a change of epoch: one may end before its step is asked for again. */
  #hasKept = false;
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
    const { size } = this.#steps;
    return size > this.#steps.count('delayed') + this.#steps.count('away') + this.#steps.count('held');
  }

  get isRunning(): boolean {
    return this.#steps.count('running') > 0;
  }

  get heldStep(): OpenStep | undefined {
    if (this.#steps.count('held') === 0) return undefined;
    let held: OpenStep | undefined;
    for (const step of this.#steps.values()) {
      if (step.status !== 'held') continue;
      if (step.parks === 'unknown_effect') return step; // the more urgent question
      held ??= step;
    }
    return held;
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
    if (running) return this.#attach(running, { spec, barrier });
    if (this.#hasKept && this.#session.outbox.endsCall(spec.path)) return;
    const { kinds, queues } = this.#session.host;
    const here = spec.run ? CLOSURE : kinds.get(spec.kind);
    const isAway = isDispatched(spec, { kind: here, queues });
    if (!here && !isAway) return this.#refuse(spec);
    const kind = here ?? distantKind(spec.kind);
    const known = this.#session.state.steps.get(spec.path);
    const step = openStep(spec, { kind, barrier, known, isDispatched: isAway });
    this.#steps.add(step);
    const salvaged = this.#salvage.take(spec, known); // also of an attempt made here, behind one that was a task
    if (salvaged.length > 0) return this.#recordAgain(step, salvaged, known);
    if (known?.queue !== undefined) return this.#follow(step, known);
    const hasFired = !this.#unfired.delete(spec.path);
    if (known?.status === 'running') this.#takeOver(step, hasFired);
    else if (known?.dueAt === null) {
      step.parks = known.isUnknown ? 'unknown_effect' : 'retries_exhausted';
      this.#pause(step, 'held');
    } else if (known) this.#pause(step, 'delayed'); // also where it is due: others may have its place
    this.advance(step);
  }

  /** No attempt for now: its place goes to others. */
  #pause(step: OpenStep, status: 'delayed' | 'held'): void {
    this.#steps.move(step, status);
    step.isResting = true;
    this.#session.driver.rest(step.spec.path);
  }

  /** An attempt that survived a change of epoch: the log may or may not hold its start, and the outbox counts anew. */
  #attach(step: OpenStep, asked: Pick<OpenStep, 'spec' | 'barrier'>): void {
    const { execution, isDetached } = step;
    Object.assign(step, asked);
    step.isDetached = false;
    if (!execution || !isDetached) return;
    const known = this.#session.state.steps.get(step.spec.path);
    execution.hasBegun = known?.status === 'running' && known.attempt === step.attempt;
    const earlier = this.#salvage.take(step.spec, known); // its end, or that it was lost, stood in what was dropped
    this.#sayLost(known, earlier[0] ? attemptOf(earlier[0]) : step.attempt);
    for (const event of earlier) this.#session.outbox.add(event);
    if (execution.event) this.#write(step, execution);
  }

  /** Before a replay: attempts that run go on, everything else is asked for again; whoever waits for its start has surely not fired. */
  keepRunning(): void {
    for (const step of this.#steps.values()) {
      step.isDetached = step.status === 'running' && !step.awaitsStart && !step.needsReconcile;
      this.#hasKept ||= step.isDetached;
      if (step.isDetached) continue;
      if (step.awaitsStart) this.#unfired.add(step.spec.path);
      step.isCancelled = true;
      step.stopWaiting?.();
      this.#steps.remove(step);
    }
  }

  /** After a replay: an attempt that was kept goes on where its call is open, also in a run that asks for nothing now. */
  attachKept(): void {
    if (!this.#session.mayFire && this.#salvage.record(this.#session)) this.#hasKept = true;
    if (!this.#hasKept) return;
    for (const step of this.#steps.values())
      if (step.isDetached && this.#session.driver.isOpen(step.spec.path))
        this.#attach(step, { spec: step.spec, barrier: 0 });
  }

  /** Keeps ends of attempts that may not have landed. */
  salvage(events: readonly EndOfAttempt[]): void {
    this.#salvage.keep(events);
  }

  /** An attempt that a later one followed was lost: that it was may have stood in what a doubtful commit dropped. */
  #sayLost(known: StepState | undefined, laterAttempt: number): void {
    if (known?.status !== 'running' || known.attempt >= laterAttempt) return;
    this.#session.outbox.add({ type: 'step.lost', path: known.path, data: numbered(known.attempt) });
  }

  /** Records ends again that the log turned out not to hold, in their order. */
  #recordAgain(step: OpenStep, ends: readonly EndOfAttempt[], known: StepState | undefined): void {
    for (const event of ends) {
      step.attempt = attemptOf(event);
      if (event === ends[0]) this.#sayLost(known, step.attempt);
      this.#record(step, event, parksOf(event));
    }
  }

  #refuse(spec: StepSpec): void {
    const { kinds, platform } = this.#session.host;
    const step = openStep(spec, { kind: CLOSURE, barrier: 0, known: undefined });
    const event = unknownKindEnd(spec, { at: platform.clock.now(), known: kinds.keys() });
    this.#session.onStepEnd(step, event, this.#session.outbox.add(event, { mayDeliver: true }));
  }

  // ---- steps whose attempts are tasks

  /** The attempt becomes a task, in the commit of everything that came before it; or it fails before anybody began it. */
  #dispatch(step: OpenStep): void {
    const { host, state, outbox } = this.#session;
    const execution = this.#execution(step);
    step.execution = undefined;
    const isKnown = host.kinds.has(step.spec.kind);
    const dispatch = dispatchOf(step, execution, { isKnown, priority: state.created.priority ?? 0 });
    if (!dispatch) {
      this.#steps.move(step, 'running');
      return this.#write(step, account(execution));
    }
    outbox.add(dispatch.event, { task: dispatch.task });
    this.#sendAway(step, execution.deadlineAt);
    this.#session.flush();
  }

  #sendAway(step: OpenStep, deadlineAt = Number.POSITIVE_INFINITY): void {
    this.#steps.move(step, 'away');
    step.dueAt = deadlineAt;
  }

  /** Something was recorded of a step: one that is away goes on from there. */
  noteFolded(path: StepPath): void {
    const step = this.#steps.get(path);
    if (step?.status !== 'away') return;
    const known = this.#session.state.steps.get(path);
    if (!known) this.#steps.remove(step);
    else if (known.attempt >= step.attempt) this.#follow(step, known); // else it is of an attempt before
  }

  /** What the log says of a step whose attempts are tasks: out there, or back without an end of the step. */
  #follow(step: OpenStep, known: StepState): void {
    const { spec } = step;
    const { status, attempt, used, usage, durationMs = 0, firstStartedAt } = known;
    const isOut = status === 'pending' || status === 'running';
    Object.assign(step, { attempt: isOut ? attempt : attempt + 1, used, usage, durationMs, firstStartedAt });
    if (isOut) {
      // Nobody but its worker knows whether an at-most-once attempt that has begun may still fire: it keeps the deadline.
      const isLimited = spec.deadlineMs !== undefined && !(status === 'running' && spec.isAtMostOnce);
      return this.#sendAway(step, isLimited ? firstStartedAt + spec.deadlineMs : undefined);
    }
    step.dueAt = known.dueAt ?? 0;
    if (known.isUnknown && spec.reconcile && !step.hasAsked) {
      step.needsReconcile = step.hasAsked = true;
      this.#steps.move(step, 'blocked');
    } else if (known.dueAt === null || (known.lost ?? 0) >= POISON_STRIKES) {
      step.parks = parkedBy(known);
      this.#pause(step, 'held');
    } else this.#pause(step, 'delayed');
    this.advance(step);
  }

  /** Ends of steps whose deadline has passed while they were away: conclusions, for an outcome that came before it counts. */
  overdue(nowMs: number): readonly NewEvent[] {
    if (this.#steps.count('away') === 0) return [];
    return overdueEnds(this.#steps.values(), nowMs);
  }

  /** The former holder died inside this attempt, or (`hasFired` false) it is ours and never fired. */
  #takeOver(step: OpenStep, hasFired: boolean): void {
    const attempt = step.attempt - 1;
    const { outbox } = this.#session;
    if (!step.spec.isAtMostOnce || !hasFired) {
      outbox.add({ type: 'step.lost', path: step.spec.path, data: numbered(attempt) });
      this.#session.flush();
      return;
    }
    step.needsReconcile = true;
    this.#mustWait(step);
  }

  /** A former holder that is only silent may be stopped: nobody judges what it did before it is surely gone (by the monotonic clock). */
  #mustWait(step: OpenStep): boolean {
    const { clock } = this.#session.host.platform;
    const waitMs = step.needsReconcile ? this.#session.reconcileAt - clock.monotonic() : 0;
    if (waitMs <= 0) return false;
    step.dueAt = clock.now() + Math.ceil(waitMs);
    this.#steps.move(step, 'delayed');
    return true;
  }

  /** Goes on with every step that can: after a commit, a resume or a timer. */
  advanceAll(): void {
    if (this.#steps.count('blocked') + this.#steps.count('delayed') === 0) return;
    for (const step of this.#steps.values()) this.advance(step); // what it removes on the way is simply not visited
  }

  advance(step: OpenStep): void {
    if (!this.#session.mayFire || step.isCancelled) return;
    if (step.status === 'delayed' && step.dueAt <= this.#session.host.platform.clock.now()) {
      if (this.#mustWait(step)) return;
      this.#steps.move(step, 'blocked');
    }
    if (step.status !== 'blocked') return;
    const isTask = step.isDispatched && !step.needsReconcile;
    if (!isTask && step.barrier > this.#session.outbox.durable) return;
    if (step.isResting && !this.#session.driver.resume(step.spec.path)) return; // asked again when another one ends
    step.isResting = false;
    if (isTask) return this.#dispatch(step);
    const { slots } = this.#session.host;
    if (slots.tryTake()) return void this.#fire(step);
    if (mayGoOut(step, this.#session.host)) return this.#dispatch(step);
    this.#steps.move(step, 'queued');
    step.stopWaiting = slots.wait(() => {
      if (this.#session.mayFire && !step.isCancelled) return void this.#fire(step);
      this.#steps.move(step, 'blocked');
      slots.give();
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
    if (step.spec.isAtMostOnce) return this.#beginOnce(step, event);
    outbox.addStart(event);
    this.#session.flushSoon();
    return undefined;
  }

  async #beginOnce(step: OpenStep, event: NewEvent): Promise<void> {
    const { host } = this.#session;
    const since = host.platform.clock.monotonic();
    const number = this.#session.outbox.add(event);
    this.#session.flush();
    step.awaitsStart = true;
    await this.#session.whenDurable(number);
    step.awaitsStart = false;
    const { execution } = step; // its function may have gone on without it, and the cancel not be here yet
    if (execution && !this.#session.driver.isWanted(step.spec.path))
      await new Promise<void>((resolve) => execution.stop.onStop(resolve));
    if (!(await host.whenBeatIsFresh(since))) await this.#session.confirmHeld();
  }

  #write(step: OpenStep, execution: Execution): void {
    const { outbox } = this.#session;
    const { event } = execution;
    if ((!this.#session.mayRecord || step.isDetached) && !step.isCancelled) return; // kept until the log is known
    step.execution = undefined;
    if (!event || step.isCancelled || !this.#steps.holds(step)) return;
    if (execution.parks === 'unknown_effect' && step.spec.reconcile)
      return this.#askReconcile(step, execution);
    const refused = execution.hasBegun ? undefined : startOf(step, execution, true);
    const start = outbox.takeStart(step.spec.path) ?? refused;
    const complete = start ? ({ ...event, data: { ...event.data, start } } as typeof event) : event;
    this.#record(step, complete, execution.parks);
  }

  /** Records the end of an attempt, and goes on from there. */
  #record(step: OpenStep, event: EndOfAttempt, parks?: Execution['parks']): void {
    const { outbox } = this.#session;
    const { usage, durationMs } = event.data;
    step.used++;
    if (usage) step.usage = addUsage(step.usage, usage);
    step.durationMs += durationMs;
    const isFinal = event.type !== 'step.retried';
    const number = outbox.add(event, { mayDeliver: isFinal });
    if (isFinal) {
      this.#steps.remove(step);
      this.#session.onStepEnd(step, event, number);
      return;
    }
    this.#pause(step, event.data.dueAt === null ? 'held' : 'delayed');
    step.dueAt = event.data.dueAt ?? 0;
    if (parks) step.parks = parks;
    step.attempt++;
    this.#session.onAttemptEnd();
  }

  /** The attempt failed in a way that leaves its fate open: `reconcile` decides what is recorded of it. */
  #askReconcile(step: OpenStep, execution: Execution): void {
    step.unknown = { held: execution.event as EndOfAttempt, didNotHappen: execution.instead };
    step.needsReconcile = true;
    step.attempt++;
    this.#steps.move(step, 'blocked');
    this.advance(step);
  }

  #reconciled(step: OpenStep, found: Reconciliation | undefined): void {
    if (step.isCancelled) return;
    const { path } = step.spec;
    const { unknown } = step;
    const { payloadBytes, platform } = this.#session.host;
    const nowMs = platform.clock.now();
    const isAnswer = this.#session.state.steps.get(path)?.isUnknown === true; // its end is in the log
    const happened = found?.happened
      ? happenedEnd(step, found.output, { nowMs, payloadBytes, isAnswer })
      : undefined;
    step.needsReconcile = false;
    step.attempt--; // the attempt in question is the one before
    delete step.unknown;
    if (happened) return this.#record(step, happened);
    if (found && unknown?.didNotHappen) return this.#record(step, unknown.didNotHappen);
    if (found) return this.#lost(step);
    if (unknown) return this.#record(step, unknown.held, 'unknown_effect');
    if (isAnswer) return this.#stayUnknown(step);
    const event = unknownEnd({ path, attempt: step.attempt, endedAt: nowMs }, 'its holder died in it');
    this.#record(step, event, 'unknown_effect');
  }

  /** The log says it already. */
  #stayUnknown(step: OpenStep): void {
    step.attempt++;
    step.parks = 'unknown_effect';
    this.#pause(step, 'held');
    this.#session.onAttemptEnd();
  }

  /** It did not happen, and its attempt is gone with its holder: the next one follows at once. */
  #lost(step: OpenStep): void {
    this.#session.outbox.add({ type: 'step.lost', path: step.spec.path, data: numbered(step.attempt) });
    step.attempt++;
    this.#steps.move(step, 'blocked');
    this.#session.flush();
    this.advance(step);
  }

  /** Something of ours threw: the attempt is not recorded as anything; the run is looked at again. */
  #broken(step: OpenStep, error: unknown): void {
    if (!this.#steps.holds(step) || step.isCancelled) return; // the run was lost, or is replayed
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
    const start = this.#session.outbox.takeStart(step.spec.path);
    const end = brokenEnd({ path: step.spec.path, attempt: step.attempt }, error, this.#session.host);
    const event = start ? ({ ...end, data: { ...end.data, start } } as EndOfAttempt) : end;
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
    if (!known && !start && !(step && (step.status === 'running' || step.status === 'away')))
      return undefined;
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
