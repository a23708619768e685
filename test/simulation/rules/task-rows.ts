/** What the rows of tasks must keep, given the logs of their runs. */
import { isTerminal, type RunStatus } from '../../../packages/pawl/src/run/index.ts';
import type { StoreNow } from '../world/ground.ts';
import type { Judge } from './violation.ts';
import type { WatchedRun } from './watched-run.ts';

/** A row of `tasks`, as it stands in the store. */
export interface TaskNow {
  readonly num: number;
  readonly run: number;
  readonly path: string;
  readonly attempt: number;
  readonly epoch: number;
  readonly has_begun: number;
  readonly is_stopped: number;
  readonly holder: string | null;
}

export interface TaskRowsSetup {
  readonly judge: Judge;
  /** Whether a holder lives, and has not been stopped for so long that others may judge it. */
  readonly isWell: (holder: string) => boolean;
}

export class TaskRows {
  readonly #setup: TaskRowsSetup;
  #rows: readonly TaskNow[] = [];
  readonly #draining = new Set<string>();

  constructor(setup: TaskRowsSetup) {
    this.#setup = setup;
  }

  get rows(): readonly TaskNow[] {
    return this.#rows;
  }

  /** Takes in the rows after a write. */
  look({ tasks, draining }: StoreNow): void {
    for (const id of draining) this.#draining.add(id);
    const before = new Map(this.#rows.map((row) => [row.num, row]));
    this.#rows = tasks;
    for (const row of this.#rows) {
      const known = before.get(row.num);
      if (known?.attempt === row.attempt) this.#judgeMove(known, row);
    }
  }

  /** One holder at a time, each in an epoch of its own; nobody who lives loses one. */
  #judgeMove(before: TaskNow, now: TaskNow): void {
    const { judge, isWell } = this.#setup;
    const what = `the task of "${now.path}" in attempt ${now.attempt}`;
    if (now.epoch < before.epoch) judge('one driver', `${what} went back to epoch ${now.epoch}`);
    if (now.has_begun < before.has_begun) judge('one driver', `${what} has begun, and then has not`);
    if (before.holder === now.holder) return;
    if (now.holder !== null && now.epoch === before.epoch)
      judge('one driver', `${what} has another holder in the same epoch ${now.epoch}`);
    if (before.holder !== null && isWell(before.holder) && !this.#draining.has(before.holder))
      judge('liveness', `${what} is taken from ${before.holder}, which lives and beats`);
  }

  /** A pending attempt has its row, a row its attempt; nothing is left behind an end. */
  judge(run: WatchedRun): void {
    const { judge } = this.#setup;
    const rows = this.#rows.filter((row) => row.run === run.num);
    if (isTerminal(run.row.status as RunStatus)) {
      if (rows.length > 0) judge('tasks', `${run.id} has ended, ${rows[0]?.path} of it is a task`);
      return;
    }
    const isStopped = run.row.status === 'paused' || run.row.status === 'parked';
    for (const row of rows) {
      const step = run.state.steps.get(row.path);
      const is = `${step?.status} in attempt ${step?.attempt}`;
      const should = row.has_begun === 1 ? 'running' : 'pending';
      if (step?.status !== should || step.attempt !== row.attempt || step.queue === undefined)
        judge(
          'tasks',
          `${run.id}: attempt ${row.attempt} of "${row.path}" is a ${should} task, its step ${is}`,
        );
      if (isStopped !== (row.is_stopped === 1))
        judge('tasks', `${run.id} is ${run.row.status}, the task of "${row.path}" says otherwise`);
    }
    for (const { path, status, queue } of run.state.steps.values()) {
      const isOut = (status === 'pending' || status === 'running') && queue !== undefined;
      if (isOut && !rows.some((row) => row.path === path))
        judge('tasks', `${run.id}: "${path}" is ${status} for queue ${queue}, and no task`);
    }
  }
}
