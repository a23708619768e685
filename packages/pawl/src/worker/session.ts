/** A session: one run held by this process, from its claim until it is given back, ended, or lost. */
import {
  type AnyWorkflow,
  type Command,
  type EventData,
  emptyState,
  fold,
  type NewEvent,
  type ParkReason,
  type RunDriver,
  type RunRef,
  type RunState,
  type StoredEvent,
} from '../run/index.ts';
import type { LogFields, LogLevel } from '../std/index.ts';
import type { Batch, CommitAnswer } from '../store/index.ts';
import { CancelFlow } from './cancel-flow.ts';
import { ChildCanceller } from './child-canceller.ts';
import { obey } from './command-desk.ts';
import { claimAgain, isStillHeld, sayLost } from './claim-again.ts';
import { conclude } from './conclude.ts';
import { MAX_REFUSALS, POISON_STRIKES } from './defaults.ts';
import { DeliveryQueue } from './delivery-queue.ts';
import { DurableWaiters } from './durable-waiters.ts';
import { handOver, obeyCommands } from './drivers.ts';
import { DriverStops } from './driver-stops.ts';
import type { SessionHost } from './host.ts';
import { Intake, type IntakeSession } from './intake.ts';
import type { CommitSource } from './group-commit.ts';
import type { OpenStep } from './open-step.ts';
import { Outbox } from './outbox.ts';
import { deliveryOf, isProgress, mayRunAhead, refusedOutcome, refusedRun } from './outcomes.ts';
import { type ReplayEnd, replayLog } from './replay-log.ts';
import type { Ending, SessionCore, SessionStart } from './session-core.ts';
import { SessionTimers } from './session-timers.ts';
import type { RunnerSession } from './runner-session.ts';
import { StepRunner } from './step-runner.ts';
import { dueSleeps, earliest, nextWaitDueAt } from './waits.ts';

/**
 * States: *replaying* (the log is delivered again) → *live* (turns: one delivery, then what the function asks for) →
 * *resting* (given back, still in memory, woken by a claim) → *live* … → *closed*. Everything that the run gains goes through
 * its outbox; everything that it hears comes through `fold`, in log order.
 */
export class Session implements CommitSource, SessionCore, RunnerSession, IntakeSession {
  readonly run: RunRef & { readonly num: number };
  readonly workflow: AnyWorkflow;
  readonly host: SessionHost;
  /** Holders that died on it in a row; 0 again as soon as it makes progress. */
  strikes: number;
  readonly reconcileAt: number;
  outbox: Outbox;
  state: RunState;
  driver!: RunDriver;
  readonly steps: StepRunner;
  readonly stops = new DriverStops(this);
  readonly cancelFlow = new CancelFlow(this);
  readonly children = new ChildCanceller(this);
  /** How the function ended, once it has. */
  ending: Ending | undefined;
  readonly opened = new Set<string>();
  readonly lookUps = new Set<string>();
  #epoch: number;
  #phase: 'replaying' | 'live' | 'resting' | 'closed' = 'replaying';
  readonly #deliveries = new DeliveryQueue();
  /** Sleeps whose end is in the outbox. */
  readonly #resolving = new Set<string>();
  #generation = 0;
  /** Why the run is being parked, from the decision to its commit. */
  #park: EventData<'run.parked'> | undefined;
  #isDraining = false;
  #refusals = 0;
  #isBroken = false;
  #isSpoiled = false;
  #isComingBack = false;
  readonly #waiters = new DurableWaiters();
  #isTurnScheduled = false;
  readonly #intake: Intake = new Intake(this);
  #mustRestart = false;
  readonly #timers: SessionTimers;

  constructor(host: SessionHost, start: SessionStart) {
    this.host = host;
    this.run = start.run;
    this.workflow = start.workflow;
    this.strikes = start.strikes;
    this.reconcileAt = start.reconcileAt ?? 0;
    this.#epoch = start.epoch;
    this.#timers = new SessionTimers(host.platform, host.soon);
    this.state = emptyState(start.run, { history: false });
    this.outbox = this.#newOutbox();
    this.steps = new StepRunner(this);
  }

  /** Reads the log, replays the function against it, and goes live. */
  async begin(events?: readonly StoredEvent[]): Promise<void> {
    const generation = ++this.#generation;
    const isCurrent = (): boolean => this.#phase === 'replaying' && generation === this.#generation;
    try {
      const end = await replayLog(this, { given: events, isGivenUp: () => !isCurrent() });
      if (isCurrent() && end.type !== 'given_up') this.#goLive(end);
    } catch (error) {
      if (isCurrent()) this.#fail(error);
    }
  }

  #goLive(end: ReplayEnd): void {
    this.#phase = 'live';
    if (end.type === 'diverged') {
      this.park('diverged', end.difference);
      return;
    }
    if (this.strikes >= POISON_STRIKES && !this.state.cancelRequested) {
      this.park('poisoned', `${this.strikes} workers in a row died on it`);
      return;
    }
    if (this.state.startedAt === undefined && !this.state.created.unparsed)
      this.outbox.add({ type: 'run.started', data: { workerId: this.host.workerId } });
    this.driver.catchUp();
    this.steps.attachKept();
    this.#intake.catchUp();
    this.scheduleTurn();
  }

  /** Something of ours, or a damaged log: the run stays held, so that nobody loops over it, and says so. */
  #fail(error: unknown): void {
    if (this.#phase === 'closed') return;
    this.#log('error', 'this run cannot be driven', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    this.#phase = 'closed';
    this.#isBroken = true;
    this.steps.abortAll('the run cannot be driven');
    this.#timers.stop();
  }

  #log(level: LogLevel, message: string, more: LogFields): void {
    const { platform, workerId } = this.host;
    platform.logger.log(level, message, {
      runId: this.run.runId,
      tenant: this.run.tenant,
      workerId,
      ...more,
    });
  }

  get isHeld(): boolean {
    return this.#phase === 'live' || this.#phase === 'replaying';
  }
  get phase(): 'replaying' | 'live' | 'resting' | 'closed' {
    return this.#phase;
  }
  get epoch(): number {
    return this.#epoch;
  }

  scheduleTurn(): void {
    if (this.#phase === 'resting') return this.#comeBack();
    if (this.#isTurnScheduled || this.#phase !== 'live') return;
    this.#isTurnScheduled = true;
    this.host.platform.nextTurn(this.#runTurn);
  }

  readonly #runTurn = (): void => {
    this.#isTurnScheduled = false;
    if (this.#phase !== 'live' || this.#intake.isReading) return;
    try {
      this.#turn();
    } catch (error) {
      this.#fail(error);
    }
  };

  /** One turn: the function is quiet now. Hand over one delivery, or do what it asked for, or conclude. */
  #turn(): void {
    if (this.outbox.hasConclusion) return;
    if (this.state.cancelRequested && this.cancelFlow.turn()) return this.#armDueTimer(this.steps.nextDueAt);
    if (this.#park) return this.#concludePark(this.#park); // something arrived while it was being parked
    if (this.#isDraining || this.state.status === 'paused' || this.state.status === 'parked')
      return this.#rest();
    if (this.driver.difference !== undefined) return this.park('diverged', this.driver.difference);
    if (handOver(this.#deliveries, this.driver)) return this.scheduleTurn();
    obeyCommands(this.driver, (command) => this.#obey(command));
    this.#tick();
    if (!this.outbox.hasConclusion) conclude(this);
    if (this.outbox.isDirty) this.flush();
  }

  #obey(command: Command): void {
    if (command.type === 'Complete' || command.type === 'Fail' || command.type === 'ContinueAsNew')
      this.ending = this.#isSpoiled ? this.ending : command;
    else obey(this, command, this.#deliveries.barriers);
  }

  /** Held back by a pause or a park: running attempts finish and are recorded, then the run is given back. */
  #rest(): void {
    if (this.steps.isRunning || this.outbox.isInFlight) return;
    this.outbox.conclude({
      seenSeq: this.state.lastSeq,
      events: [],
      dueAt: this.#isDraining && this.state.status !== 'paused' ? this.host.platform.clock.now() : null,
      release: true,
    });
    this.flush();
  }

  /** Sleeps that are over, attempts that are due. */
  #tick(): void {
    for (const event of dueSleeps(this.state, this.host.platform.clock.now())) {
      if (this.#resolving.has(event.path ?? '')) continue;
      this.#resolving.add(event.path ?? '');
      this.outbox.add(event, { mayDeliver: true });
    }
    this.steps.advanceAll();
    this.#armDueTimer(this.nextDueAt);
  }

  /** The next moment at which something is due while the run is held. */
  get nextDueAt(): number | undefined {
    return earliest(earliest(nextWaitDueAt(this.state), this.steps.nextDueAt), this.stops.nextDueAt);
  }

  #armDueTimer(next: number | undefined): void {
    // Something on its way to the disk: its answer brings a turn, and what is due then is looked at again.
    this.#timers.due(this.outbox.isInFlight || this.outbox.isDirty ? undefined : next, () =>
      this.scheduleTurn(),
    );
  }

  park(reason: ParkReason, message: string, path?: string): void {
    this.#park = { reason, message, ...(path === undefined ? {} : { path }) };
    this.#concludePark(this.#park);
  }

  #concludePark(data: EventData<'run.parked'>): void {
    const { lastSeq: seenSeq } = this.state;
    this.outbox.conclude({ seenSeq, events: [{ type: 'run.parked', data }], dueAt: null, release: true });
    this.flush();
  }

  #newOutbox(): Outbox {
    return new Outbox((text) => this.host.secrets.mask(text));
  }

  takeBatch(): Batch | undefined {
    if (this.#phase !== 'live' || this.#intake.isReading) return undefined;
    const { workerId } = this.host;
    return this.outbox.take(this.run, { holder: workerId, epoch: this.#epoch, readSeq: this.state.lastSeq });
  }

  flush(): void {
    if (this.#intake.isReading) return;
    this.host.journal.request(this);
  }

  flushSoon(): void {
    this.#timers.soon(() => {
      if (!this.outbox.hasStarts || !this.isHeld) return;
      this.outbox.force();
      this.flush();
    });
  }

  onAnswer(answer: CommitAnswer): void {
    if (this.#phase === 'closed') return;
    if (answer.type === 'refused') return this.#refused(answer.reason, answer.detail);
    const sent = this.outbox.landed();
    const isConcluded = sent.conclusion !== undefined && answer.type === 'committed';
    const events = isConcluded ? [...sent.events, ...(sent.conclusion?.events ?? [])] : sent.events;
    const firstSeq = answer.lastSeq - events.length + 1;
    const finish = (): void => {
      for (let index = 0; index < events.length; index++)
        this.take({ ...(events[index] as NewEvent), seq: firstSeq + index, at: answer.at });
      this.#waiters.landed(sent.lastNumber);
      if (this.strikes > 0 && events.some(isProgress)) this.#calm();
      if (isConcluded && sent.conclusion?.release) this.#released(sent.conclusion.dueAt ?? null);
      else this.#afterCommit(answer.type === 'behind');
    };
    if (events.length > 0 && firstSeq > this.state.lastSeq + 1) void this.#intake.read(firstSeq - 1, finish);
    else finish();
  }

  #afterCommit(isBehind: boolean): void {
    if (this.#mustRestart) {
      this.#mustRestart = false;
      return this.#restart();
    }
    this.steps.advanceAll();
    if (isBehind) this.#intake.note();
    else this.#intake.catchUp();
    if (this.outbox.isDirty) this.flush();
    this.scheduleTurn();
  }

  /** The run made progress: what killed its holders is over, and another run may have the place in quarantine. */
  #calm(): void {
    this.strikes = 0;
    this.host.onCalm();
  }

  /** Takes one durable event in; what it hands over waits for its turn, unless the driver has it already. */
  take(event: StoredEvent): void {
    const delivery = fold(this.state, event);
    if (event.path !== undefined) this.steps.noteFolded(event.path);
    if (!delivery) return;
    this.#resolving.delete(delivery.path);
    this.#deliveries.add(delivery);
  }

  #refused(reason: string, detail: string): void {
    if (reason === 'refused') return this.#refusedAlone(detail);
    if (reason !== 'run_terminal') sayLost(this.host, this.run, detail);
    this.close(`the run was lost: ${detail}`);
    this.host.journal.fateSettled(); // where the store still names this worker, history was set back: it is taken up anew
  }

  /**
   * The store cannot hold something in this batch: its entries are sent one by one, and the one that is refused alone fails
   * its step. The function may have taken that outcome already, so it is replayed once the failure stands.
   */
  #refusedAlone(detail: string): void {
    this.#log('error', 'the store refused a batch of this run', { detail });
    if (++this.#refusals > MAX_REFUSALS)
      return this.#fail(new Error(`the store refuses what this run records: ${detail}`));
    if (!this.outbox.isAlone) this.outbox.sendOneByOne();
    else if (this.outbox.replaceRefused((event) => refusedOutcome(event, detail))) this.#mustRestart = true;
    else {
      this.outbox.skipRefused();
      this.#mustRestart = false;
      this.#isSpoiled = true; // something of it is not in its log: it can only fail
      this.driver.abandon(detail);
      this.ending = refusedRun(detail);
    }
    if (!this.#mustRestart && this.outbox.isQuiet) this.ending ??= refusedRun(detail);
    this.flush();
    this.scheduleTurn();
  }

  onUnknown(): void {
    this.#phase = 'replaying'; // from here on ends of attempts are kept until the log says what it holds
    for (const run of this.outbox.creates) this.host.releasePlace(run);
    void this.#claimAgain();
  }

  async #claimAgain(): Promise<void> {
    const { run, state } = this;
    const held = { run, state, epoch: this.#epoch, isOver: () => this.isOver };
    const claimed = await claimAgain(this.host, held);
    if (this.isOver) return;
    if (claimed === undefined) return this.close('the run was lost while the fate of a commit was unknown');
    if (claimed.isSetBack) return this.close('history was set back'); // and taken up from the log, by whoever claims it
    this.#epoch = claimed.epoch;
    this.steps.salvage(this.outbox.drop());
    this.outbox = this.#newOutbox();
    this.#restart();
    this.#waiters.fail('the fate of a commit was unknown');
  }

  /** The in-memory function is given up; the log is replayed, attempts that still run are kept by their paths. */
  #restart(): void {
    this.driver?.abandon('the run is replayed');
    this.steps.keepRunning();
    this.cancelFlow.restart();
    this.children.restart();
    this.stops.clear();
    this.#phase = 'replaying';
    this.state = emptyState(this.run, { history: false });
    this.#deliveries.clear();
    this.#resolving.clear();
    this.ending = undefined;
    this.#park = undefined;
    this.opened.clear();
    this.lookUps.clear();
    void this.begin();
  }

  /** Something may have arrived for this run. */
  noteArrival(): void {
    this.#intake.note();
  }

  get foldedSeq(): number {
    return this.state.lastSeq;
  }
  get mayRead(): boolean {
    return this.#phase === 'live' && !this.outbox.isInFlight;
  }

  /** Something of ours broke: the run stays held, and is taken up again when somebody acts on it. */
  get isBroken(): boolean {
    return this.#isBroken;
  }
  get isOver(): boolean {
    return this.#phase === 'closed';
  }
  onRead(): void {
    this.steps.advanceAll();
    if (this.outbox.isDirty) this.flush();
    this.scheduleTurn();
  }
  onBroken(error: unknown): void {
    this.#fail(error);
  }

  /** The function went on by itself while the run rested (it awaited something that is not ctx): the run is asked for again. */
  #comeBack(): void {
    if (this.#isComingBack) return;
    this.#isComingBack = true;
    this.host.nudge(this.run);
  }

  #released(dueAt: number | null): void {
    const isUnread = !this.#deliveries.isEmpty && this.state.status === 'waiting';
    if (isUnread) this.host.nudge(this.run);
    if (isUnread || this.#isDraining || this.state.status !== 'waiting')
      return this.close(`the run is ${this.state.status}`);
    this.#phase = 'resting';
    this.#timers.stop();
    this.#timers.evict(this.host.settings.evictAfterMs, () => this.close('evicted'));
    this.host.onReleased(this, dueAt);
  }

  /** A claim gave the run back to this process while it rested: it goes on from memory, after reading what arrived. */
  wake(epoch: number): void {
    this.#timers.stop();
    this.#epoch = epoch;
    this.#phase = 'live';
    this.#isComingBack = false;
    void this.#intake.read();
  }

  /** The worker closes: running attempts finish, nothing new starts, the run is given back. */
  drain(): void {
    this.#isDraining = true;
    if (this.#phase === 'resting') this.close('the worker is closing');
    this.scheduleTurn();
  }

  /** The session is over: nothing of it is recorded from here on. */
  close(reason: string): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.steps.abortAll(reason);
    this.driver?.abandon(reason);
    this.#timers.stop();
    this.#waiters.fail(reason);
    this.host.onClosed(this);
  }

  get mayRecord(): boolean {
    return this.#phase !== 'replaying';
  }

  get mayFire(): boolean {
    const { status, cancelRequested } = this.state;
    if (this.#phase !== 'live' || this.#isDraining || status === 'paused' || status === 'parked')
      return false;
    return cancelRequested ? this.cancelFlow.isCleaningUp : this.ending === undefined;
  }

  whenDurable(number: number): Promise<void> {
    if (this.outbox.durable >= number) return Promise.resolve();
    return this.#waiters.wait(number);
  }

  async confirmHeld(): Promise<void> {
    if (await isStillHeld(this.host, this.run, this.#epoch)) return;
    this.close('the run was lost to another holder');
    throw new Error('the run was lost to another holder');
  }

  onAttemptEnd(): void {
    this.scheduleTurn();
    this.flush();
  }

  /**
   * A step has ended. Where it was the only open call, the function takes the outcome before it is durable: it may go on,
   * its effects may not. The turn is asked for before the flush, so that what follows shares the commit.
   */
  onStepEnd(step: OpenStep, event: NewEvent, number: number): void {
    if (this.#mayRunAhead(event.path ?? '')) {
      this.#deliveries.ranAhead(event.path ?? '', { number, isRepeatable: step.spec.isRepeatable });
      this.driver.deliver(deliveryOf(step, event));
    }
    this.scheduleTurn();
    this.flush();
  }

  #mayRunAhead(path: string): boolean {
    if (this.#phase !== 'live' || this.#intake.isReading || !this.#deliveries.isEmpty) return false;
    return mayRunAhead(this, path);
  }

  /** Calls that are open in the function, for people. */
  get openCalls(): readonly { readonly path: string; readonly kind: string }[] {
    return this.driver?.openCalls ?? [];
  }
}
