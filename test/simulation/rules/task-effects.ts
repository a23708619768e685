/** Effects of attempts that waited for a worker of their queue: when they may fire, and when they must stop. */
import { isTerminal, type RunStatus } from '../../../packages/pawl/src/run/index.ts';
import type { Process } from '../world/process.ts';
import type { Firing } from '../world/workflows.ts';
import type { Judge } from './violation.ts';
import type { WatchedRun } from './watched-run.ts';

export interface TaskFiring extends Firing {
  readonly process: Process;
  /** The engine that fires. */
  readonly holder: string;
}

export interface TaskEffectsSetup {
  readonly judge: Judge;
  readonly run: (runId: string) => WatchedRun | undefined;
  /** How long word of an end needs to the worker of a task, at the most. */
  readonly reachesMs: number;
}

/** The holder of a run is judged by its silence before another one hears of a cancel, and word may not come but by a poll. */
const CANCEL_REACHES_MS = 90_000;

interface Working extends TaskFiring {
  readonly run: WatchedRun;
  readonly path: string;
}

export class TaskEffects {
  readonly #setup: TaskEffectsSetup;
  readonly #working = new Map<string, Working>();

  constructor(setup: TaskEffectsSetup) {
    this.#setup = setup;
  }

  /** An attempt fires: `path` is its step. */
  fire(run: WatchedRun, path: string, fired: TaskFiring): void {
    this.#working.set(nameOf(fired), { ...fired, run, path });
    const { judge } = this.#setup;
    const { key, attempt, holder, process } = fired;
    const start = run.taskStarts.get(`${path}@${attempt}`);
    if (start?.holder !== holder)
      return judge(
        'task start',
        `${key} fires in ${process.name}, its start is recorded by ${start?.holder}`,
      );
    if (process.lastStopMs >= start.atMs) return; // it was stopped between its start and its effect
    this.#judgeEnded(run, path, fired);
    this.#judgeHeldBack(run, fired, start.atMs);
  }

  /** Nothing fires behind its end, but for the time that word of it needs. */
  #judgeEnded(run: WatchedRun, path: string, fired: TaskFiring): void {
    const lateMs = this.#lateMs(run, { ...fired, run, path });
    if (lateMs === undefined || lateMs <= this.#setup.reachesMs) return;
    const end = run.ends.get(path) ?? run.ends.get(`${path}@${fired.attempt}`) ?? run.row.status;
    this.#setup.judge(
      'effects',
      `${fired.key} fires in ${fired.process.name} ${Math.round(lateMs)} ms behind ${end}`,
    );
  }

  /** No task of a run that is paused is begun; a cancel is carried out by the driver, and that one may have to be found first. */
  #judgeHeldBack(run: WatchedRun, { key, kind }: TaskFiring, startMs: number): void {
    if (run.heldBackAt === undefined || kind === 'cancel') return;
    const lateMs = startMs - run.heldBackAt;
    if (lateMs > (run.state.cancelRequested ? CANCEL_REACHES_MS : this.#setup.reachesMs))
      this.#setup.judge('held back', `${key} begins ${Math.round(lateMs)} ms after its run was held back`);
  }

  /** How long ago its attempt ended; undefined where it did not. */
  #lateMs(run: WatchedRun, { path, attempt, process }: Working): number | undefined {
    const times = [
      run.endedAt.get(path),
      run.endedAt.get(`${path}@${attempt}`),
      isTerminal(run.row.status as RunStatus) ? run.since : undefined,
    ].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : process.nowMs - Math.min(...times);
  }

  /** The attempt is over: one that ended before it, and a while ago, was told to stop. */
  ends(process: Process, { key, attempt }: Firing, isAborted: boolean): void {
    const name = nameOf({ process, key, attempt });
    const working = this.#working.get(name);
    this.#working.delete(name);
    if (working && !isAborted) this.#judgeTold(working);
  }

  judgeEnd(): void {
    for (const working of this.#working.values())
      if (working.process.state === 'up') this.#judgeTold(working);
  }

  #judgeTold(working: Working): void {
    const { process, run, key } = working;
    const lateMs = this.#lateMs(run, working);
    if (lateMs === undefined || lateMs <= this.#setup.reachesMs) return;
    if (process.lastStopMs >= process.nowMs - lateMs) return;
    this.#setup.judge('abort', `${key} goes on in ${process.name} ${Math.round(lateMs)} ms behind its end`);
  }
}

function nameOf({ process, key, attempt }: Pick<TaskFiring, 'process' | 'key' | 'attempt'>): string {
  return `${process.name} ${key}@${attempt}`;
}
