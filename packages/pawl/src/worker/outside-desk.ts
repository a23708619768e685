/**
 * Tasks for workers outside: in other languages, behind whatever door. Each claim is a holder of its own, which lives as long as its
 * heartbeats come; the fence, the attempts and the policies are those of every other task, and any engine of the store knows them.
 */
import { isPawlError, pawlError } from '../errors/index.ts';
import type { Json, StopTimer } from '../std/index.ts';
import { type AnyKind, type Failure, FailureError, failureOf, NO_USAGE, type Usage } from '../step/index.ts';
import { type ClaimedTask, partOf, type Store } from '../store/index.ts';
import { brokenEnd } from './attempt-ends.ts';
import { BEAT_MS, OUTSIDE_LOOK_MS } from './defaults.ts';
import { distantKind } from './dispatch.ts';
import type { AttemptEnd, Execution, PipelineHost } from './execution.ts';
import type { Journal } from './journal.ts';
import { kindNameOf } from './needs.ts';
import { type OutsideToken, readToken, writeToken } from './outside-token.ts';
import { account } from './pipeline/account.ts';
import { endAs, idempotencyKey } from './pipeline/execute.ts';
import { timeoutFailure } from './pipeline/limits.ts';
import { numbered } from './step-start.ts';
import { commitOfTask, taskAttempt, taskExecution, type TaskWord } from './task-attempt.ts';

export interface OutsideHost extends PipelineHost {
  readonly store: Store;
  readonly journal: Journal;
  readonly kinds: ReadonlyMap<string, AnyKind>;
}

/** What a worker outside asks for. */
export interface OutsideClaim {
  /** How people see it. */
  readonly worker: string;
  /** Undefined: whatever the queue. */
  readonly queues: readonly string[] | undefined;
  /** What it has: kinds, or what a kind calls by name (`function:charge`). */
  readonly kinds: readonly string[];
  /** How long it waits where there is nothing to do. */
  readonly waitMs: number;
  /** It waits no longer. */
  readonly signal?: AbortSignal | undefined;
}

/** An attempt in its hands: it has begun, and fires. */
export interface OutsideTask {
  readonly token: string;
  readonly runId: string;
  readonly path: string;
  readonly kind: string;
  readonly input: Json;
  readonly attempt: number;
  readonly idempotencyKey: string;
  readonly timeoutMs?: number;
  /** When the step with all its attempts must have ended; ms since 1970. */
  readonly deadlineAt?: number;
}

/** How an attempt outside ended. */
export type OutsideEnd =
  | { readonly ok: true; readonly outcome: string; readonly output: unknown }
  | { readonly ok: false; readonly failure: Failure };

interface Word extends TaskWord {
  readonly holder: string;
}

/** How long the row of a worker stays that asks for nothing more. */
const SPARE_MS = 5_000;

/** A holder that has no task yet. */
interface Spare {
  readonly holder: string;
  readonly key: string;
  beatMonotonic: number;
  stopForgetting?: StopTimer;
}

export class OutsideDesk {
  readonly #host: OutsideHost;
  readonly #waiting = new Set<() => void>();
  #spares: Spare[] = [];
  #stops: (() => void)[] = [];
  #isClosed = false;

  constructor(host: OutsideHost) {
    this.#host = host;
  }

  /** Undefined where nothing came in time. @throws `ENGINE_CLOSED` */
  async claim(wanted: OutsideClaim): Promise<OutsideTask | undefined> {
    const { clock } = this.#host.platform;
    const until = clock.monotonic() + wanted.waitMs;
    const spare = await this.#takeSpare(wanted);
    try {
      for (;;) {
        if (this.#isClosed) throw pawlError('ENGINE_CLOSED');
        if (wanted.signal?.aborted) break;
        const task = await this.#claimOne(spare, wanted);
        if (task) return task;
        const restMs = until - clock.monotonic();
        if (restMs <= 0) break;
        await this.#change(restMs, wanted.signal);
      }
    } catch (error) {
      await this.#retire(spare.holder); // what it may have claimed is free again
      throw error;
    }
    this.#keep(spare);
    return undefined;
  }

  async #claimOne(spare: Spare, { queues, kinds, signal }: OutsideClaim): Promise<OutsideTask | undefined> {
    const { store, platform } = this.#host;
    const { holder } = spare;
    if (platform.clock.monotonic() - spare.beatMonotonic >= BEAT_MS) await this.#beatSpare(spare);
    for (;;) {
      const [task] = await store.claimTasks({ holder, queues, kinds, limit: 1, isFreshOnly: true });
      if (!task) return undefined;
      try {
        const begun = await this.#begin(task, holder);
        if (begun && signal?.aborted) return await this.#giveBack(task, holder);
        if (begun) return begun;
      } catch (error) {
        if (!(error instanceof Withdrawn)) throw error; // else it was withdrawn meanwhile
      }
    }
  }

  async #begin(task: ClaimedTask, holder: string): Promise<OutsideTask | undefined> {
    const at = this.#host.platform.clock.now();
    let execution: Execution;
    try {
      execution = this.#execution(task, holder);
    } catch (error) {
      await this.#commit({ task, holder, event: brokenEnd(task, error, this.#host) }); // nobody else would do better
      return undefined;
    }
    execution.startedAt = at;
    await execution.begin(execution);
    const { run, path, attempt, kind } = task;
    const { timeoutMs, deadlineAt } = execution;
    return {
      token: writeToken(task, holder, at),
      runId: run.runId,
      path,
      kind,
      input: (execution.input ?? null) as Json,
      attempt,
      idempotencyKey: idempotencyKey(execution, path),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(deadlineAt === undefined ? {} : { deadlineAt }),
    };
  }

  /** Whoever asked has gone: nobody has the token, and nothing has fired. */
  async #giveBack(task: ClaimedTask, holder: string): Promise<undefined> {
    const { path, attempt } = task;
    await this.#commit({ task, holder, event: { type: 'step.lost', path, data: numbered(attempt) } });
  }

  #execution(task: ClaimedTask, holder: string): Execution {
    const name = kindNameOf(task.kind);
    const kind = this.#host.kinds.get(name) ?? { ...distantKind(name), labels: 'any' };
    const host = { ...this.#host, workerId: holder, kinds: new Map([[name, kind]]) };
    return taskExecution(taskAttempt(task), host, {
      begin: (_attempt, event) => this.#commit({ task, holder, event }),
      progress: () => undefined,
    });
  }

  /**
   * A sign of life. Waits for at most `waitMs`, and answers at once when the task is withdrawn.
   * @returns false where the task is its worker's no more: it was cancelled, ran out of time, or was taken over.
   */
  async heartbeat(token: string, waitMs: number, signal?: AbortSignal): Promise<boolean> {
    const known = readToken(token);
    const { store, platform } = this.#host;
    const until = platform.clock.monotonic() + waitMs;
    await store.beat(known.holder, false); // a cluster that has not heard of it says nothing of a task that stands on another
    for (;;) {
      const task = await this.#held(known);
      if (!task || (await this.#isOverdue(task, known))) return false;
      const restMs = until - platform.clock.monotonic();
      if (restMs <= 0 || signal?.aborted || this.#isClosed) return true;
      await this.#change(restMs, signal);
    }
  }

  /** Nobody aborts it here: it is told, and nothing that it brings later counts. */
  async #isOverdue(task: ClaimedTask, known: OutsideToken): Promise<boolean> {
    const { timeoutMs } = this.#execution(task, known.holder);
    if (timeoutMs === undefined || this.#host.platform.clock.now() - known.at < timeoutMs) return false;
    const failure = timeoutFailure('STEP_TIMEOUT', timeoutMs);
    const end = { ok: false, failure } as const;
    try {
      await this.#record(task, known, { end, usage: NO_USAGE, id: `${endId(known)}:timeout` });
    } catch (error) {
      if (!(isPawlError(error) && error.code === 'TASK_LOST')) throw error; // else it was withdrawn in that moment
    }
    return true;
  }

  /**
   * Records how the attempt ended; a resend gets the first answer.
   * @throws `TASK_LOST`, `TASK_TOKEN_INVALID`
   */
  async end(token: string, end: OutsideEnd, usage: Usage): Promise<void> {
    const known = readToken(token);
    const task = await this.#held(known);
    if (!task) return await this.#confirmEnded(known);
    if (await this.#isOverdue(task, known))
      throw pawlError('TASK_LOST', { detail: 'the attempt has run out of its time' });
    const execution = this.#execution(task, known.holder);
    const judged = end.ok
      ? endAs(execution, end.outcome, end.output)
      : { ok: false as const, failure: failureOf(new FailureError(end.failure), known.path) };
    await this.#record(task, known, { end: judged, usage, id: endId(known) });
  }

  async #record(
    task: ClaimedTask,
    known: OutsideToken,
    { end, usage, id }: { readonly end: AttemptEnd; readonly usage: Usage; readonly id: string },
  ): Promise<void> {
    const { holder, at } = known;
    const execution = this.#execution(task, holder);
    Object.assign(execution, { end, usage, startedAt: at, hasBegun: true });
    execution.endedAt = Math.max(at, this.#host.platform.clock.now());
    const { event } = account(execution);
    if (!event) return;
    try {
      await this.#commit({ task, holder, event, dedupeId: id });
    } catch (error) {
      if (error instanceof Withdrawn) throw pawlError('TASK_LOST', { detail: error.message });
      throw error;
    }
    await this.#retire(holder);
  }

  /** The task is gone: by this very word, sent before, or by somebody else's. */
  async #confirmEnded(known: OutsideToken): Promise<void> {
    const { tenant, run: runId, num, path, attempt, epoch, holder } = known;
    const requires = { task: { path, attempt, epoch, holder } };
    const answer = await this.#host.journal.commit({
      run: { tenant, runId, num },
      fence: 'external',
      dedupeId: endId(known),
      requires,
      events: [],
    });
    if (answer.type === 'refused') throw pawlError('TASK_LOST', { detail: answer.detail });
  }

  /** @throws `Withdrawn` where the task is its worker's no more. */
  async #commit({ holder, ...word }: Word): Promise<void> {
    const { platform, journal } = this.#host;
    const detail = await commitOfTask(word, { platform, journal, workerId: holder });
    if (detail !== undefined) throw new Withdrawn(detail);
  }

  /** Asked where its run stands: a cluster that is away holds up its own tasks alone. */
  async #held(known: OutsideToken): Promise<ClaimedTask | undefined> {
    const { holder, num, path, attempt, epoch } = known;
    const held = await this.#placeOf(known).heldTasks(holder);
    return held.find(
      (task) =>
        task.run.num === num && task.path === path && task.attempt === attempt && task.epoch === epoch,
    );
  }

  #placeOf({ tenant, run: runId, num }: OutsideToken): Store {
    try {
      return partOf(this.#host.store, { tenant, runId, num });
    } catch {
      throw pawlError('TASK_TOKEN_INVALID', { problem: 'it names no place of this store' });
    }
  }

  // ---- holders that wait for a task

  async #takeSpare({ worker, queues }: OutsideClaim): Promise<Spare> {
    const { platform } = this.#host;
    const key = JSON.stringify([worker, queues]);
    const known = this.#spares.findIndex((spare) => spare.key === key);
    const [spare] = known === -1 ? [] : this.#spares.splice(known, 1);
    spare?.stopForgetting?.();
    if (spare) return spare;
    const fresh: Spare = { holder: platform.newId(), key, beatMonotonic: platform.clock.monotonic() };
    await this.#register(fresh);
    return fresh;
  }

  async #register({ holder: id, key }: Spare): Promise<void> {
    const { platform, store } = this.#host;
    const [hostname, queues] = JSON.parse(key) as [string, string[] | null];
    await store.registerWorker({
      id,
      hostname,
      pid: 0,
      startedAt: platform.clock.now(),
      serves: [],
      queues: queues ?? undefined,
      isOutside: true,
    });
  }

  async #beatSpare(spare: Spare): Promise<void> {
    const { platform, store } = this.#host;
    spare.beatMonotonic = platform.clock.monotonic();
    if (!(await store.beat(spare.holder, false))) await this.#register(spare);
  }

  /** A worker that polls comes again at once; one that does not is gone. */
  #keep(spare: Spare): void {
    this.#spares.push(spare);
    spare.stopForgetting = this.#host.platform.setTimer(SPARE_MS, () => {
      this.#spares = this.#spares.filter((one) => one !== spare);
      void this.#retire(spare.holder);
    });
  }

  /** A row that stays behind is cleared away when it has been silent for long. */
  async #retire(holder: string): Promise<void> {
    await this.#host.store.retireWorker(holder).catch(() => undefined);
  }

  // ---- waiting

  /** Resolves when something may have changed, or the time is over. */
  async #change(restMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { store, journal, platform } = this.#host;
    if (this.#waiting.size === 0) {
      const wake = (): void => this.#wake();
      this.#stops = [store.watch(wake), journal.listen(wake)];
    }
    let stop: StopTimer | undefined;
    let resume: (() => void) | undefined;
    await new Promise<void>((resolve) => {
      resume = resolve;
      this.#waiting.add(resolve);
      signal?.addEventListener('abort', resume, { once: true });
      stop = platform.setTimer(Math.min(restMs, OUTSIDE_LOOK_MS), resolve);
    });
    stop?.();
    if (resume) signal?.removeEventListener('abort', resume);
    if (resume) this.#waiting.delete(resume);
    if (this.#waiting.size === 0) for (const stopListening of this.#stops.splice(0)) stopListening();
  }

  #wake(): void {
    for (const resume of this.#waiting) resume();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    for (const { holder, stopForgetting } of this.#spares.splice(0)) {
      stopForgetting?.();
      await this.#retire(holder);
    }
  }
}

/** The task is not its worker's any more. */
class Withdrawn extends Error {}

function endId({ holder, epoch }: OutsideToken): string {
  return `${holder}:${epoch}:end`;
}
