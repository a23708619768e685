/** The worker: claims due runs, keeps a session for each, beats, looks for the dead, and drains when it closes. */
import { type AnyWorkflow, isTerminal, runKey, type RunRef, type StoredEvent } from '../run/index.ts';
import { type Platform, Roster, type StopTimer } from '../std/index.ts';
import type { AnyKind } from '../step/index.ts';
import {
  type Batch,
  type ClaimedRun,
  type ClaimRequest,
  type CommitAnswer,
  EXTERNAL,
  inEachPart,
  partOf,
  type Served,
  type Store,
} from '../store/index.ts';
import { endReason, storedEvents } from './batch-facts.ts';
import { Beats } from './beats.ts';
import { sayLost } from './claim-again.ts';
import type { Departed } from './death-watch.ts';
import { QUARANTINE_MS, QUARANTINE_STRIKES, SILENT_MS, START_BEHIND_MS } from './defaults.ts';
import type { SessionHost, SessionSettings } from './host.ts';
import type { Journal } from './journal.ts';
import { Places } from './places.ts';
import { Rounds } from './rounds.ts';
import type { Secrets } from './secrets.ts';
import { servedBy, servedNames, workflowIndex } from './served.ts';
import { Session } from './session.ts';
import { SharedTimer } from './shared-timer.ts';
import { Slots } from './slots.ts';
import { TaskRunner } from './task-runner.ts';

export interface WorkerSetup {
  readonly store: Store;
  readonly journal: Journal;
  readonly platform: Platform;
  readonly workerId: string;
  readonly workflows: readonly AnyWorkflow[];
  readonly kinds: ReadonlyMap<string, AnyKind>;
  readonly secrets: Secrets;
  readonly payloadBytes: number;
  readonly slots: number;
  readonly runs: number;
  /** Queues whose steps are executed here; undefined: all. */
  readonly queues: readonly string[] | undefined;
  readonly settings: SessionSettings;
}

/** States: *open* → *draining* (claims nothing, lets attempts finish) → *closed*. */
export class Worker {
  readonly #setup: WorkerSetup;
  readonly #host: SessionHost;
  /** Runs that are being taken up again: held in the store, and forgotten here. */
  readonly #takingUp = new Set<number>();
  readonly #sessions = new Roster<number, Session>();
  /** Monotonic. */
  readonly #openedAt = new WeakMap<Session, number>();
  readonly #byKey = new Roster<string, Session>();
  readonly #places: Places<Session>;
  readonly #serves: readonly Served[];
  readonly #beats: Beats;
  readonly #rounds: Rounds;
  readonly #tasks: TaskRunner;
  readonly #stops: (() => void)[] = [];
  #state: 'open' | 'draining' | 'closed' = 'open';
  #isLooking = false;
  #mustLook = false;
  /** A claim is in flight: runs may be held here that nobody was told of yet. */
  #isClaiming = false;
  #stopDue: StopTimer | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #onQuiet: (() => void) | undefined;

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
    const { store, platform, workerId } = setup;
    this.#places = new Places(setup.runs, setup.platform.clock);
    this.#serves = servedBy(setup.workflows);
    this.#host = this.#makeHost(new Slots(setup.slots));
    this.#tasks = new TaskRunner({
      host: this.#host,
      guarded: (round) => this.#rounds.guarded(round),
      onQuiet: () => this.#roomMade(),
    });
    this.#beats = new Beats({ store, platform, workerId, onForgotten: () => this.#register() });
    this.#rounds = new Rounds({
      store,
      platform,
      workerId,
      look: () => this.#lookEverywhere(),
      compare: () => this.#compareHeld(),
    });
    this.#stops.push(setup.journal.listen((...told) => this.#onCommit(...told)));
    this.#stops.push(setup.journal.listenForFate(() => this.#onFate()));
    this.#stops.push(store.watch(() => this.#onChange()));
    this.#stops.push(store.watchHistory?.(() => this.#onHistory()) ?? (() => undefined));
  }

  /** Registers the worker and looks for work. */
  async open(): Promise<void> {
    await this.#register();
    await this.#rounds.open();
    this.#lookEverywhere();
  }

  async #register(): Promise<void> {
    const { store, platform, workerId } = this.#setup;
    await store.registerWorker({
      id: workerId,
      hostname: platform.hostname,
      pid: platform.pid,
      startedAt: platform.clock.now(),
      serves: servedNames(this.#serves),
      queues: this.#setup.queues,
    });
    if (this.#tasks.size > 0) this.#tasks.compare(); // taken for dead, it may have lost them
  }

  // ---- what the engine asks

  /** Whether a run of this workflow is driven here at once when it has been created; its place is kept for it. */
  promisePlace(definition: { readonly name: string; readonly version: string }, run: RunRef): boolean {
    if (this.#state !== 'open' || this.#host.workflowFor(definition.name, definition.version) === undefined)
      return false;
    return this.#places.promise(runKey(run));
  }

  /** The promised run was not created. */
  releasePlace(run: RunRef): void {
    this.#places.release(runKey(run));
  }

  /** What the session of a run is doing, for `why`. */
  session(num: number): Session | undefined {
    return this.#sessions.get(num);
  }

  /** Whether this process holds the run: its end will be told here. */
  drives(run: RunRef): boolean {
    return this.#byKey.get(runKey(run))?.isHeld ?? false;
  }

  get held(): number {
    return this.#places.held;
  }

  // ---- wake-ups

  #onCommit(batch: Batch, answer: CommitAnswer, isResent: boolean): void {
    if (answer.type === 'refused' || this.#state === 'closed') return;
    this.#tasks.onCommit(batch);
    for (const { isNew, run } of answer.created) {
      if (isNew && !isResent) this.#adopt(batch, run, answer.at);
      else this.#places.release(runKey(run)); // it is not on its way: where it is held here, it is claimed again
    }
    for (const run of answer.touched) this.#arrived(run);
    if (batch.fence !== EXTERNAL || answer.created.length > 0) return;
    if (answer.type === 'committed' && isTerminal(answer.status))
      this.#byKey.get(runKey(batch.run))?.close(endReason(batch));
    else this.#arrived(batch.run);
  }

  #arrived(run: RunRef): void {
    const session = run.num === undefined ? this.#byKey.get(runKey(run)) : this.#sessions.get(run.num);
    if (session?.isHeld) session.noteArrival();
    else if (session?.isBroken) this.#mend(session);
    else this.look();
  }

  /** Somebody acts on a run that could not be driven here (cancel, resume): it is taken up from its log once more. */
  #mend(session: Session): void {
    this.#closedSession(session);
    void this.#rounds.guarded(() => this.#takeUpAgain(session.run, session.epoch));
  }

  /** A run that was created with this worker as its holder: driven at once, without reading what was just written. */
  #adopt(batch: Batch, run: RunRef, at: number): void {
    const newRun = [...(batch.creates ?? []), ...(batch.conclusion?.creates ?? [])].find(
      (candidate) => candidate.runId === run.runId,
    );
    if (!newRun || run.num === undefined) return;
    const workflow = this.#host.workflowFor(newRun.workflow, newRun.version);
    if (newRun.holder !== this.#setup.workerId || !workflow) return this.look();
    const ref = { tenant: newRun.tenant, runId: newRun.runId, num: run.num };
    this.#open(
      new Session(this.#host, { run: ref, epoch: 1, workflow, strikes: 0 }),
      storedEvents(newRun, at),
    );
  }

  /** A commit whose answer was lost may have given this worker runs that nobody here knows of, and runs that are due. */
  #onFate(): void {
    if (this.#state === 'closed') return;
    void this.#rounds.guarded(() => this.#compareHeld());
    this.#lookEverywhere();
  }

  /** Another process may have written: arrivals of held runs, and due runs. */
  #onChange(): void {
    if (this.#state !== 'open') return;
    void this.#rounds.guarded(() => this.#compareHeld());
    this.#rounds.noticePeers();
    if (this.#tasks.size > 0) this.#tasks.compare();
    this.#tasks.look();
    this.look();
  }

  /**
   * What the store had answered may be gone: everything that is remembered is held against the logs. Who has a commit in flight
   * hears of its unknown fate.
   */
  #onHistory(): void {
    for (const session of this.#sessions.values()) {
      if (session.phase === 'resting') session.close('history may have been set back');
      else if (session.phase === 'live' && !session.outbox.isInFlight) session.onUnknown();
    }
    this.#lookEverywhere();
  }

  /** What the store knows of the held runs, against memory: arrivals are read, forgotten runs taken up again. */
  #compareHeld(): Promise<void> {
    return inEachPart(this.#setup.store, (part) => this.#compareHeldIn(part));
  }

  async #compareHeldIn(part: Store): Promise<void> {
    const { store, workerId } = this.#setup;
    const epochs = new Map(
      [...this.#sessions.values()]
        .filter((session) => session.phase === 'live' && partOf(store, session.run) === part)
        .map((session) => [session, session.epoch]),
    );
    const rows = await part.heldBy(workerId);
    for (const row of rows) {
      const session = this.#sessions.get(row.run.num);
      const isOnItsWay = this.#isClaiming || this.#places.isPromised(runKey(row.run));
      if (!session && !isOnItsWay) await this.#takeUpAgain(row.run, row.epoch);
      if (session?.isHeld && row.lastSeq > session.state.lastSeq) session.noteArrival();
    }
    const held = new Map(rows.map((row) => [row.run.num, row.epoch]));
    for (const [session, epoch] of epochs) {
      const isLost =
        held.get(session.run.num) !== epoch &&
        session.epoch === epoch &&
        session.phase === 'live' &&
        !session.outbox.isInFlight;
      if (!isLost) continue;
      sayLost(this.#host, session.run, 'the store names another holder, or none');
      session.close('the run was lost to another holder');
    }
  }

  async #takeUpAgain(run: RunRef & { readonly num: number }, epoch: number): Promise<void> {
    if (this.#takingUp.has(run.num)) return; // a second epoch would fence the first one out
    this.#takingUp.add(run.num);
    const claiming = this.#setup.store.reclaim(run, this.#setup.workerId, epoch);
    const claimed = await claiming.finally(() => this.#takingUp.delete(run.num));
    if (claimed && !this.#sessions.has(run.num)) this.#claimed(claimed);
  }

  /** For runs and tasks, and whether the tasks here are still this worker's. */
  #lookEverywhere(): void {
    this.look();
    this.#tasks.look();
    this.#tasks.compare();
  }

  /** Looks for due runs, soon; looks do not overlap. */
  look(): void {
    this.#mustLook = true;
    if (this.#isLooking || this.#state !== 'open') return;
    this.#isLooking = true;
    this.#setup.platform.nextTurn(() => void this.#lookNow());
  }

  async #lookNow(): Promise<void> {
    while (this.#mustLook && this.#state === 'open') {
      this.#mustLook = false;
      await this.#rounds.guarded(() => this.#claim());
    }
    this.#isLooking = false;
  }

  async #claim(): Promise<void> {
    const { store, platform, workerId } = this.#setup;
    const limit = this.#places.free;
    if (limit <= 0) return;
    const now = platform.clock.now();
    const dead = this.#rounds.deaths.isNeeded ? await this.#rounds.deaths.dead() : [];
    const quarantine = ![...this.#sessions.values()].some((session) => this.#isInQuarantine(session));
    const request = { holder: workerId, serves: this.#serves, limit, now, quarantine };
    const claimed = await this.#take({ ...request, dead: dead.map(({ id }) => id) }, dead);
    if (claimed.length > 0 || dead.length > 0) this.#mustLook = true;
    if (dead.length > 0) await this.#rounds.deaths.refresh();
    if (dead.length > 0) this.#tasks.look();
    if (claimed.length === 0) this.#armDue(await store.nextDueAt(this.#serves));
  }

  /** One that has lived for a while lets the next one in: it may be waiting for it. */
  #isInQuarantine(session: Session): boolean {
    if (!session.isHeld || session.strikes < QUARANTINE_STRIKES) return false;
    const now = this.#setup.platform.clock.monotonic();
    return now - (this.#openedAt.get(session) ?? now) < QUARANTINE_MS;
  }

  async #take(request: ClaimRequest, dead: readonly Departed[]): Promise<readonly ClaimedRun[]> {
    const isDoubtful = dead.some(({ isProven }) => !isProven);
    this.#isClaiming = true;
    try {
      const claimed = await this.#setup.store.claim(request);
      for (const run of claimed) this.#claimed(run, isDoubtful && run.wasTaken);
      return claimed;
    } finally {
      this.#isClaiming = false;
    }
  }

  /** @param isDoubtful it was taken from a holder that is only silent: it may be stopped, and wake. */
  #claimed({ row, strikes }: ClaimedRun, isDoubtful = false): void {
    const resting = this.#sessions.get(row.run.num);
    if (resting?.phase === 'resting' && resting.epoch + 1 === row.epoch) {
      this.#places.take(resting, runKey(row.run));
      return resting.wake(row.epoch);
    }
    resting?.close('the run was driven elsewhere meanwhile');
    const workflow = this.#host.workflowFor(row.workflow, row.version);
    if (!workflow) return;
    const reconcileAt = isDoubtful ? this.#setup.platform.clock.monotonic() + SILENT_MS : 0;
    this.#open(new Session(this.#host, { run: row.run, epoch: row.epoch, workflow, strikes, reconcileAt }));
  }

  #open(session: Session, events?: readonly StoredEvent[]): void {
    this.#openedAt.set(session, this.#setup.platform.clock.monotonic());
    this.#sessions.set(session.run.num, session);
    this.#byKey.set(runKey(session.run), session);
    this.#places.take(session, runKey(session.run));
    void session.begin(events);
    if (this.#state === 'draining') session.drain();
  }

  #armDue(dueAt: number | undefined): void {
    if (dueAt === undefined || dueAt >= this.#dueAt) return;
    this.#stopDue?.();
    this.#dueAt = dueAt;
    const delayMs = Math.max(0, dueAt - this.#setup.platform.clock.now());
    this.#stopDue = this.#setup.platform.setTimer(delayMs, () => {
      this.#dueAt = Number.POSITIVE_INFINITY;
      this.look();
    });
  }

  // ---- sessions

  #makeHost(slots: Slots): SessionHost {
    const { store, journal, platform, workerId, kinds, secrets, payloadBytes, settings, workflows, queues } =
      this.#setup;
    return {
      store,
      journal,
      platform,
      workerId,
      kinds,
      checkedKinds: new Set([...kinds.values()].filter((kind) => kind.checkInput).map((kind) => kind.name)),
      secrets,
      payloadBytes,
      settings,
      soon: new SharedTimer(platform, START_BEHIND_MS),
      slots,
      queues: queues && new Set(queues),
      ...workflowIndex(workflows),
      promisePlace: (run) => this.#state === 'open' && this.#places.promise(runKey(run)),
      hasPeerFor: (queue) => this.#rounds.deaths.hasPeerFor(queue),
      releasePlace: (run) => this.#places.release(runKey(run)),
      whenBeatIsFresh: (since) => this.#beats.whenFresh(since),
      onAwaitingChildren: (session) => {
        this.#places.give(session as Session);
        this.#roomMade();
      },
      onReleased: (session, dueAt) => this.#released(session as Session, dueAt),
      nudge: (run) =>
        void this.#rounds.guarded(
          async () => void (await journal.commit({ run, fence: EXTERNAL, events: [], wakes: 'always' })),
        ),
      onCalm: () => this.look(),
      onClosed: (session) => this.#closedSession(session as Session),
    };
  }

  #released(session: Session, dueAt: number | null): void {
    this.#places.give(session);
    if (session.strikes > 0) {
      session.strikes = 0; // idle: whatever killed its holders is over
      this.look();
    }
    if (dueAt !== null) this.#armDue(dueAt);
    this.#roomMade();
  }

  #closedSession(session: Session): void {
    this.#places.give(session);
    if (session.strikes >= QUARANTINE_STRIKES) this.look();
    if (this.#sessions.get(session.run.num) === session) {
      this.#sessions.delete(session.run.num);
      this.#byKey.delete(runKey(session.run));
    }
    this.#roomMade();
  }

  get #isQuiet(): boolean {
    return this.held === 0 && this.#tasks.size === 0;
  }

  /** A full worker looks again when a place is free. */
  #roomMade(): void {
    if (this.#state === 'draining' && this.#isQuiet) this.#onQuiet?.();
    else if (this.#places.free === 1) this.look();
  }

  // ---- closing

  /** It could not be opened: nothing of it goes on. */
  abandon(): void {
    this.#state = 'closed';
    this.#tasks.close('the engine could not be opened');
    this.#stopDue?.();
    this.#rounds.close();
    for (const stop of this.#stops) stop();
    this.#beats.close();
  }

  /** Claims nothing more, lets running attempts finish for at most `timeoutMs`, gives all runs back. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'draining';
    const { store, platform, workerId } = this.#setup;
    this.#stopDue?.();
    this.#rounds.drain();
    await this.#beats.drain();
    for (const session of this.#sessions.values()) session.drain();
    this.#tasks.drain();
    if (!this.#isQuiet) {
      await new Promise<void>((resolve) => {
        const stop = platform.setTimer(timeoutMs, resolve);
        this.#onQuiet = () => {
          stop();
          resolve();
        };
      });
    }
    this.#state = 'closed';
    this.#rounds.close();
    for (const session of this.#sessions.values()) session.close('the worker is closing');
    this.#tasks.close('the worker is closing');
    for (const stop of this.#stops) stop();
    this.#beats.close();
    await store.releaseAll(workerId);
    await store.retireWorker(workerId);
  }
}
