/** Executes attempts of steps that wait for a worker of their queue: claims them with a slot in hand, and records how they end. */
import { isPawlError } from '../errors/index.ts';
import type { NewEvent } from '../run/index.ts';
import { Roster, type StopTimer } from '../std/index.ts';
import { type Batch, type ClaimedTask, inEachPart, partOf, type Store } from '../store/index.ts';
import { brokenEnd, unknownEnd } from './attempt-ends.ts';
import { untilAnswered } from './claim-again.ts';
import { SILENT_MS, TASK_LOOK_MS } from './defaults.ts';
import type { Execution } from './execution.ts';
import type { SessionHost } from './host.ts';
import { offersOf } from './needs.ts';
import { runPipeline } from './pipeline/run-pipeline.ts';
import { numbered } from './step-start.ts';
import {
  commitOfTask,
  keyOf,
  type TaskAttempt,
  taskAttempt,
  taskExecution,
  withdraw,
} from './task-attempt.ts';
import { readOrder } from './task-order.ts';

export interface TaskRunnerSetup {
  readonly host: SessionHost;
  /** Runs a round that asks the store; whatever fails is logged, and comes again. */
  readonly guarded: (round: () => Promise<void>) => Promise<void>;
  /** The last attempt has ended. */
  readonly onQuiet: () => void;
}

/** The task is not this worker's any more: its attempt does not fire, or counts no more. */
class TaskWithdrawn extends Error {}

/** States: *open* → *draining* (claims nothing) → *closed*. */
export class TaskRunner {
  readonly #setup: TaskRunnerSetup;
  readonly #attempts = new Roster<string, TaskAttempt>();
  #state: 'open' | 'draining' | 'closed' = 'open';
  #isLooking = false;
  #mustLook = false;
  #isComparing = false;
  #mustCompare = false;
  /** Counts claims: what the store says is held may be on its way to memory while one is in flight. */
  #claims = 0;
  #isClaiming = false;
  /** The store named tasks that memory does not know, while a claim was in flight. */
  #mustCompareAfterClaim = false;
  #awaitsSlot = false;
  #stopTimer: StopTimer | undefined;

  constructor(setup: TaskRunnerSetup) {
    this.#setup = setup;
  }

  get size(): number {
    return this.#attempts.size;
  }

  /** A batch of this process may have scheduled tasks, or withdrawn some that are executed here. */
  onCommit(batch: Batch): void {
    if (batch.tasks !== undefined) this.look();
    for (const { task } of this.#attempts.values()) {
      if (task.run.runId !== batch.run.runId || task.run.tenant !== batch.run.tenant) continue;
      return this.compare();
    }
  }

  /** Looks for tasks, soon; looks do not overlap. */
  look(): void {
    this.#mustLook = true;
    if (this.#isLooking || this.#state !== 'open') return;
    this.#isLooking = true;
    this.#setup.host.platform.nextTurn(() => void this.#lookNow());
  }

  async #lookNow(): Promise<void> {
    while (this.#mustLook && this.#state === 'open') {
      this.#mustLook = false;
      await this.#setup.guarded(() => this.#claim());
    }
    this.#isLooking = false;
  }

  async #claim(): Promise<void> {
    const { store, workerId, queues, kinds, slots } = this.#setup.host;
    const limit = slots.free;
    this.#claims++;
    this.#isClaiming = true;
    try {
      const tasks = await store.claimTasks({
        holder: workerId,
        queues: queues && [...queues],
        kinds: offersOf(kinds),
        limit,
      });
      for (const task of tasks) this.#take(task);
      if (tasks.length > 0) this.#mustLook = true;
    } finally {
      this.#isClaiming = false;
      if (this.#mustCompareAfterClaim) this.compare();
      this.#mustCompareAfterClaim = false;
    }
    if (limit === 0) this.#lookWithSlot();
  }

  /** A full worker looks again when a slot is free. */
  #lookWithSlot(): void {
    if (this.#awaitsSlot) return;
    this.#awaitsSlot = true;
    const { slots } = this.#setup.host;
    slots.wait(() => {
      this.#awaitsSlot = false;
      slots.give();
      this.look();
    });
  }

  #take(task: ClaimedTask): void {
    const key = keyOf(task);
    if (this.#attempts.has(key)) return;
    const attempt = taskAttempt(task);
    this.#attempts.set(key, attempt);
    this.#keepComparing();
    if (task.hasBegun) return void this.#executeWith(attempt, () => this.#recordLoss(attempt));
    const { slots } = this.#setup.host;
    const begin = (): void => {
      delete attempt.stopWaiting;
      void this.#executeWith(attempt, () => this.#execute(attempt)).finally(() => slots.give());
    };
    if (slots.tryTake()) return begin();
    attempt.stopWaiting = slots.wait(begin);
  }

  /** The one frame around everything that is done for a task. */
  async #executeWith(attempt: TaskAttempt, act: () => Promise<void>): Promise<void> {
    try {
      if (attempt.state !== 'withdrawn') await act();
    } catch (error) {
      if (attempt.state !== 'withdrawn' && !isOver(error)) await this.#recordProblem(attempt, error);
    } finally {
      this.#gone(attempt);
    }
  }

  #gone(attempt: TaskAttempt): void {
    this.#attempts.delete(keyOf(attempt.task));
    if (this.#attempts.size > 0) return;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    this.#setup.onQuiet();
  }

  async #execute(attempt: TaskAttempt): Promise<void> {
    attempt.state = 'executing';
    const { host } = this.#setup;
    const execution = taskExecution(attempt, host, {
      begin: (_attempt, event) => this.#begin(attempt, event),
      progress: (_attempt, event) => void this.#commit(attempt, event).catch(() => undefined),
    });
    await runPipeline(execution);
    if (this.#isWithdrawn(attempt) || !execution.event) return;
    await this.#record(attempt, execution.event);
  }

  #isWithdrawn(attempt: TaskAttempt): boolean {
    return attempt.state === 'withdrawn';
  }

  /** The start is durable before anything fires; an at-most-once attempt also needs a holder that is surely alive. */
  async #begin(attempt: TaskAttempt, event: NewEvent): Promise<void> {
    const { host } = this.#setup;
    const since = host.platform.clock.monotonic();
    await this.#commit(attempt, event);
    if (!readOrder(attempt.task).spec.isAtMostOnce || (await host.whenBeatIsFresh(since))) return;
    const place = partOf(host.store, attempt.task.run);
    const held = await untilAnswered(host, () => place.heldTasks(host.workerId));
    if (!held.some((task) => keyOf(task) === keyOf(attempt.task))) this.#lose(attempt, 'it was taken over');
  }

  /** @throws `TaskWithdrawn` */
  #lose(attempt: TaskAttempt, reason: string): never {
    if (attempt.state !== 'withdrawn') withdraw(attempt, `the task was withdrawn: ${reason}`);
    throw new TaskWithdrawn(reason);
  }

  async #record(attempt: TaskAttempt, event: NonNullable<Execution['event']>): Promise<void> {
    attempt.state = 'recording';
    await this.#commit(attempt, event);
  }

  /** @throws `TaskWithdrawn` where the task is not this worker's any more. */
  async #commit(attempt: TaskAttempt, event: NewEvent): Promise<void> {
    const detail = await commitOfTask({ task: attempt.task, event }, this.#setup.host);
    if (detail !== undefined) this.#lose(attempt, detail);
  }

  // ---- attempts of holders that are gone

  /** Its former holder died in it: the driver of its run opens the next attempt. */
  async #recordLoss(attempt: TaskAttempt): Promise<void> {
    const { host } = this.#setup;
    const { path, attempt: number, formerHolder } = attempt.task;
    const isOnce = isAtMostOnce(attempt.task);
    if (isOnce) await this.#waitFor(formerHolder);
    if (this.#isWithdrawn(attempt)) return;
    attempt.state = 'recording';
    const endedAt = host.platform.clock.now();
    const event: NewEvent = isOnce
      ? unknownEnd({ path, attempt: number, endedAt }, 'its worker died in it')
      : { type: 'step.lost', path, data: numbered(number) };
    await this.#commit(attempt, event);
  }

  /** A holder that is only silent may be stopped, and wake: nobody judges what it did before it is surely gone. */
  async #waitFor(holder: string | undefined): Promise<void> {
    const { store, platform } = this.#setup.host;
    const isGone = holder !== undefined && (await store.isProvablyDead(holder).catch(() => false)); // nobody knows
    if (isGone) return;
    await new Promise<void>((resolve) => void platform.setTimer(SILENT_MS, resolve));
  }

  /** Something of ours, or an order that cannot be read: the step fails with it, for nobody else would do better. */
  async #recordProblem(attempt: TaskAttempt, error: unknown): Promise<void> {
    const { host } = this.#setup;
    const { run, path, attempt: number } = attempt.task;
    const fields = { runId: run.runId, path, attempt: number, workerId: host.workerId, error: String(error) };
    host.platform.logger.log('error', 'a task could not be executed', fields);
    try {
      await this.#record(attempt, brokenEnd(attempt.task, error, host));
    } catch (problem) {
      if (!isOver(problem)) host.platform.logger.log('error', 'a task could not be recorded', fields);
    }
  }

  // ---- what the store says

  /** Whether the tasks in memory are still this worker's, soon; and whether it has some that memory does not know. */
  compare(): void {
    this.#mustCompare = true;
    if (this.#isComparing || this.#state === 'closed') return;
    this.#isComparing = true;
    this.#setup.host.platform.nextTurn(() => void this.#compareNow());
  }

  async #compareNow(): Promise<void> {
    while (this.#mustCompare && this.#state !== 'closed') {
      this.#mustCompare = false;
      await this.#setup.guarded(() => this.#compareHeld());
    }
    this.#isComparing = false;
  }

  #compareHeld(): Promise<void> {
    return inEachPart(this.#setup.host.store, (part) => this.#compareHeldIn(part));
  }

  async #compareHeldIn(part: Store): Promise<void> {
    const { store, workerId } = this.#setup.host;
    const mine = [...this.#attempts.values()].filter(({ task }) => partOf(store, task.run) === part);
    const claims = this.#claims;
    const isClaiming = this.#isClaiming;
    const held = await part.heldTasks(workerId);
    const keys = new Set(held.map(keyOf));
    for (const attempt of mine) {
      const isOpen = attempt.state === 'waiting' || attempt.state === 'executing';
      if (!isOpen || keys.has(keyOf(attempt.task))) continue;
      this.#withdrawn(attempt, 'the task was withdrawn');
    }
    if (this.#state !== 'open') return;
    const unknown = held.filter((task) => !this.#attempts.has(keyOf(task)));
    if (!isClaiming && claims === this.#claims)
      for (const task of unknown) this.#take(task); // of a claim whose answer was lost
    else if (unknown.length > 0 && this.#isClaiming) this.#mustCompareAfterClaim = true;
    else if (unknown.length > 0) this.compare();
  }

  /** The net under what commits tell, while there is something to lose. */
  #keepComparing(): void {
    this.#stopTimer ??= this.#setup.host.platform.setTimer(TASK_LOOK_MS, () => {
      this.#stopTimer = undefined;
      if (this.#attempts.size === 0) return;
      this.compare();
      this.#keepComparing();
    });
  }

  // ---- closing

  /** Claims nothing more; attempts may finish. What waits (for a slot, or for the end of a silent holder) is given back with the rest. */
  drain(): void {
    if (this.#state === 'open') this.#state = 'draining';
    for (const attempt of this.#attempts.values())
      if (attempt.state === 'waiting') this.#withdrawn(attempt, 'the worker is closing');
  }

  /** One that waits is gone at once; one that executes when it has stopped. */
  #withdrawn(attempt: TaskAttempt, reason: string): void {
    const isWaiting = attempt.state === 'waiting';
    withdraw(attempt, reason);
    if (isWaiting) this.#gone(attempt);
  }

  close(reason: string): void {
    this.#state = 'closed';
    this.#stopTimer?.();
    for (const attempt of this.#attempts.values()) withdraw(attempt, reason);
  }
}

/** Of an order that cannot be read nobody knows: then it is asked about. */
function isAtMostOnce(task: ClaimedTask): boolean {
  try {
    return readOrder(task).spec.isAtMostOnce;
  } catch {
    return true;
  }
}

/** Withdrawn, or the engine is closed: nothing is left to be recorded. */
function isOver(error: unknown): boolean {
  return error instanceof TaskWithdrawn || (isPawlError(error) && error.code === 'ENGINE_CLOSED');
}
