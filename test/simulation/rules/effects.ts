/** What fired, and whether it was allowed to. */
import { isTerminal, type RunStatus } from '../../../packages/pawl/src/run/index.ts';
import type { Process } from '../world/process.ts';
import type { Firing } from '../world/workflows.ts';
import type { TaskEffects } from './task-effects.ts';
import type { Judge } from './violation.ts';
import type { WatchedRun } from './watched-run.ts';

interface Fired extends Firing {
  readonly atMs: number;
  /** Whether the run was held by it in that moment. */
  readonly isHolder: boolean;
  readonly process: Process;
  readonly holder: string;
  /** Its attempt waited for a worker of its queue. */
  readonly isTask: boolean;
}

export interface EffectsSetup {
  readonly judge: Judge;
  readonly run: (runId: string) => WatchedRun | undefined;
  /** How long word of a pause or cancel needs to the holder, at the most. */
  readonly reachesMs: number;
  /** How long a call needs at the most; undefined where calls fail. */
  readonly latencyMs: number | undefined;
  /** The engine of a process. */
  readonly engineOf: (process: Process) => string;
  readonly tasks: TaskEffects;
  /** Whether a process serves a queue. */
  readonly serves: (process: Process, queue: string) => boolean;
}

/** A holder is judged by its silence after this long; it may have been stopped at any moment of it. */
const SILENCE_MS = 40_000;
/** A start is written after 25 ms in its own right, and has reached the store some time later. */
const START_WRITTEN_MS = 60;

export class Effects {
  readonly #setup: EffectsSetup;
  readonly #fired = new Map<string, Fired[]>();
  /** Attempts whose start was written, and that were made again before their end was. */
  readonly #owed: { readonly run: WatchedRun; readonly attempt: string; readonly fired: Fired }[] = [];
  /** By key: the last attempt of which somebody was told that it did not happen. */
  readonly #denied = new Map<string, number>();
  /** By process and run: outcomes that the function has, by key. */
  readonly #taken = new Map<string, { readonly key: string; readonly isRepeatable: boolean }[]>();

  constructor(setup: EffectsSetup) {
    this.#setup = setup;
  }

  /** Attempts that were made again must be shown as over by the time the run is. */
  judgeEnd(): void {
    for (const { run, attempt, fired } of this.#owed) {
      const path = attempt.slice(0, attempt.lastIndexOf('@'));
      if (!run.ends.has(attempt) && run.ends.get(path) !== 'step.cancelled')
        this.#setup.judge('effects', `${fired.key} fired again, the log never shows ${attempt} as over`);
    }
  }

  get count(): number {
    return [...this.#fired.values()].reduce((sum, list) => sum + list.length, 0);
  }

  hasHappened(key: string): boolean {
    return this.#fired.has(key);
  }

  /** Somebody asks what became of an attempt that may not happen twice, and is told whether it happened: what is said then stays true. */
  ask(key: string, attempt: number): boolean {
    const hasHappened = this.hasHappened(key);
    if (!hasHappened) this.#denied.set(key, attempt);
    return hasHappened;
  }

  begins(process: Process, runId: string): void {
    this.#taken.delete(`${process.name} ${runId}`);
  }

  took(process: Process, runId: string, key: string): void {
    if (key === '') return; // it did not fire in this life: its outcome comes from the log
    const life = `${process.name} ${runId}`;
    const isRepeatable = this.#fired.get(key)?.at(-1)?.kind === 'repeatable';
    this.#taken.set(life, [...(this.#taken.get(life) ?? []), { key, isRepeatable }]);
  }

  fire(process: Process, firing: Firing): void {
    const { key } = firing;
    const [runId, path] = split(key);
    const run = this.#setup.run(runId);
    const holder = this.#setup.engineOf(process);
    const isHolder = run?.row.holder === holder;
    const isTask = run?.scheduled.has(`${path}@${firing.attempt}`) ?? false;
    const fired: Fired = { ...firing, atMs: process.nowMs, process, holder, isHolder, isTask };
    const before = this.#fired.get(key) ?? [];
    this.#fired.set(key, [...before, fired]);
    if (!run) return this.#setup.judge('effects', `${key} fires in a run that does not exist`);
    if (firing.attempt <= (this.#denied.get(key) ?? 0))
      this.#setup.judge(
        'at most once',
        `${key} fires behind the word that attempt ${firing.attempt} did not`,
      );
    if (firing.kind === 'once' && run.ends.has(`${path}@${firing.attempt}`))
      this.#setup.judge('at most once', `${key} fires behind the end of attempt ${firing.attempt}`);
    if (firing.at) this.#judgePlace(run, fired, firing.at);
    const last = before.at(-1);
    if (isTask) return this.#fireTask(run, fired, last);
    this.#judgeRecorded(run, path, fired);
    this.#judgeHeldBack(run, fired);
    if (firing.isSealed)
      this.#setup.judge('sealed', `${key} fires although its function has gone on without it`);
    if (firing.kind !== 'cancel') this.#judgeAhead(run, fired);
    if (last) this.#judgeSecond(run, fired, last);
  }

  /** A step of a kind is executed by a process that serves its queue, and as a task where it is dispatched. */
  #judgePlace(run: WatchedRun, fired: Fired, { queue, isDispatched }: NonNullable<Firing['at']>): void {
    const { key, process, isTask } = fired;
    const isRight = this.#setup.serves(process, queue) && (isTask || !isDispatched);
    if (!isRight && !this.#wasStopped(run, fired))
      this.#setup.judge('queues', `${key} of queue ${queue} fires in ${process.name}, as a task: ${isTask}`);
  }

  /** A driver that lost the run while it was stopped may fire what has become a task meanwhile; else its worker fires it. */
  #fireTask(run: WatchedRun, fired: Fired, last: Fired | undefined): void {
    if (last) this.#judgeSecond(run, fired, last);
    const [, path] = split(fired.key);
    const isOwn = run.taskStarts.get(`${path}@${fired.attempt}`)?.holder === fired.holder;
    if (isOwn || !this.#wasStopped(run, fired)) this.#setup.tasks.fire(run, path, fired);
  }

  /** No effect after its outcome was recorded, or its run ended, except by a holder that was stopped in between. */
  #judgeRecorded(run: WatchedRun, path: string, fired: Fired): void {
    const end = run.ends.get(path);
    if (end === undefined && !isTerminal(run.row.status as RunStatus)) return;
    if (this.#wasStopped(run, fired)) return;
    this.#setup.judge(
      'effects',
      `${fired.key} fires in ${fired.process.name} behind ${end ?? run.row.status}`,
    );
  }

  /** Whether the process lost the run while it was stopped. */
  #wasStopped(run: WatchedRun, { process, holder }: Fired): boolean {
    if (run.row.holder === holder) return false;
    const lostAt = run.lostAt.get(holder);
    return lostAt !== undefined && process.lastStopMs >= lostAt - SILENCE_MS;
  }

  /** A pause or a cancel that the holder has heard of starts nothing new. */
  #judgeHeldBack(run: WatchedRun, { key, kind, process, holder }: Fired): void {
    const { status } = run.row;
    const isHeldBack = status === 'paused' || run.state.cancelRequested !== undefined;
    if (!isHeldBack || kind === 'cancel' || run.heldBackAt === undefined) return;
    const isLate =
      process.nowMs - run.heldBackAt > this.#setup.reachesMs && process.lastStopMs < run.heldBackAt;
    if (isLate && run.row.holder === holder)
      this.#setup.judge(
        'held back',
        `${key} fires although its run is ${status === 'paused' ? status : 'being cancelled'}`,
      );
  }

  /** Effects never run ahead of the disk: what the function had before it called is recorded. */
  #judgeAhead(run: WatchedRun, fired: Fired): void {
    const taken = this.#taken.get(`${fired.process.name} ${run.id}`) ?? [];
    const open = taken.filter(({ key, isRepeatable }) => {
      const [, path] = split(key);
      return !(fired.kind === 'repeatable' && isRepeatable) && !run.ends.has(path);
    });
    if (open.length > 0 && !this.#wasStopped(run, fired))
      this.#setup.judge('ahead', `${fired.key} fires before the outcome of ${open[0]?.key} is recorded`);
  }

  /** Every second firing belongs to an attempt that the log shows as over, or whose start was not written when its holder died or lost the run. */
  #judgeSecond(run: WatchedRun, fired: Fired, last: Fired): void {
    const { judge } = this.#setup;
    if (fired.kind === 'once')
      return judge('at most once', `${fired.key} fires a second time in ${fired.process.name}`);
    if (fired.kind === 'cancel' || this.#wasStopped(run, fired)) return;
    const [, path] = split(fired.key);
    const attempt = `${path}@${last.attempt}`;
    if (run.ends.has(attempt)) return;
    if (last.isTask && !this.#isLate(run, path, fired))
      return judge('effects', `${fired.key} fires again, the log does not show ${attempt} as over`);
    if (last.process === fired.process && !this.#wasFollowed(run, last)) {
      if (fired.attempt > last.attempt) return; // its end is on its way to the disk
      return judge('effects', `${fired.key} fires attempt ${fired.attempt} twice in ${fired.process.name}`);
    }
    if (run.starts.has(attempt)) this.#owed.push({ run, attempt, fired });
    if (!run.starts.has(attempt)) this.#judgeStart(fired, last);
    const isGone = last.process.state === 'dead' || run.row.holder !== last.holder;
    if (!isGone && !this.#wasFollowed(run, last))
      judge('effects', `${fired.key} fires in ${fired.process.name} while ${last.process.name} has it`);
  }

  /** Whether the worker of a task was stopped between the start and the effect of its attempt. */
  #isLate(run: WatchedRun, path: string, { isTask, attempt, process }: Fired): boolean {
    const start = run.taskStarts.get(`${path}@${attempt}`);
    return isTask && start !== undefined && process.lastStopMs >= start.atMs;
  }

  /** Whether it fired as somebody who had the run no more, or has been followed by another holder since. */
  #wasFollowed(run: WatchedRun, last: Fired): boolean {
    return !last.isHolder || (run.followedAt.get(last.holder) ?? -1) >= last.atMs;
  }

  /** The start of an attempt that went on for a while stands in the log, whatever became of its holder then. */
  #judgeStart({ key }: Fired, last: Fired): void {
    const { latencyMs, judge } = this.#setup;
    const { diedMs, lastStopMs } = last.process;
    if (latencyMs === undefined || lastStopMs > last.atMs || diedMs === Number.POSITIVE_INFINITY) return;
    if (last.ms > START_WRITTEN_MS + 4 * latencyMs && diedMs - last.atMs > START_WRITTEN_MS + 4 * latencyMs)
      judge('start', `${key} fires again, its start was not written in ${Math.round(diedMs - last.atMs)} ms`);
  }
}

/** Run and path of an idempotency key. */
function split(key: string): [runId: string, path: string] {
  const index = key.indexOf(':');
  return [key.slice(0, index), key.slice(index + 1)];
}
