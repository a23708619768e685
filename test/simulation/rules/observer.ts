/** Looks at the store after every write, through a connection of its own, and holds every run's log and row to the rules. */
import { emptyState, fold, type StoredEvent } from '../../../packages/pawl/src/run/index.ts';
import type { Store } from '../../../packages/pawl/src/store/index.ts';
import type { StoreNow } from '../world/ground.ts';
import { judgeEvent } from './log-rules.ts';
import { type TaskNow, TaskRows } from './task-rows.ts';
import { judgeFamily, judgeRow, judgeSums, judgeWaits } from './row-rules.ts';
import type { Judge } from './violation.ts';
import type { RowNow, WatchedRun } from './watched-run.ts';

export interface ObserverSetup {
  readonly store: Store;
  readonly judge: Judge;
  readonly nowMs: () => number;
  /** An event stands in a log. */
  readonly onEvent: (run: WatchedRun, event: StoredEvent) => void;
  /** Whether a holder lives, and has not been stopped for so long that others may judge it. */
  readonly isWell: (holder: string) => boolean;
  /** A run has another holder than before. */
  readonly onHolder: (run: WatchedRun) => void;
}

export class Observer {
  readonly #setup: ObserverSetup;
  readonly #runs = new Map<number, WatchedRun>();
  readonly #byId = new Map<string, WatchedRun>();
  readonly #tasks: TaskRows;

  constructor(setup: ObserverSetup) {
    this.#setup = setup;
    this.#tasks = new TaskRows(setup);
  }

  get runs(): readonly WatchedRun[] {
    return [...this.#runs.values()];
  }

  /** Rows of tasks, as of the last look. */
  get tasks(): readonly TaskNow[] {
    return this.#tasks.rows;
  }

  run(runId: string): WatchedRun | undefined {
    return this.#byId.get(runId);
  }

  /** Takes in what changed since the last look, and judges it. */
  async look(now: StoreNow): Promise<void> {
    const changed: WatchedRun[] = [];
    for (const row of now.runs) {
      const run = this.#runs.get(row.num) ?? this.#begin(row);
      const before = run.row;
      run.row = row;
      if (before.holder !== row.holder || before.epoch !== row.epoch) this.#moved(run, before);
      if (before.status !== row.status) run.since = this.#setup.nowMs();
      if (run.events.length < row.last_seq) await this.#read(run);
      if (run.events.length !== row.last_seq)
        this.#setup.judge('dense', `${run.id} has ${run.events.length} events, its row says ${row.last_seq}`);
      if (before !== row && hasChanged(before, row)) changed.push(run);
    }
    this.#tasks.look(now);
    for (const run of changed) this.#judge(run, now);
  }

  #begin(row: RowNow): WatchedRun {
    const ref = { tenant: 'default', runId: row.id };
    const run: WatchedRun = {
      id: row.id,
      num: row.num,
      row: { ...row, last_seq: -1, holder: null, epoch: 0 },
      events: [],
      state: emptyState(ref, { history: true }),
      lean: emptyState(ref, { history: false }),
      ends: new Map(),
      starts: new Set(),
      endedAt: new Map(),
      scheduled: new Set(),
      taskStarts: new Map(),
      lostAt: new Map(),
      lastHolder: null,
      followedAt: new Map(),
      since: this.#setup.nowMs(),
      heldBackAt: undefined,
    };
    this.#runs.set(row.num, run);
    this.#byId.set(row.id, run);
    return run;
  }

  #moved(run: WatchedRun, before: RowNow): void {
    const { judge, nowMs, onHolder, isWell } = this.#setup;
    const { holder, epoch } = run.row;
    if (epoch < before.epoch)
      judge('one driver', `${run.id} went back from epoch ${before.epoch} to ${epoch}`);
    if (holder !== null && holder !== before.holder && epoch <= before.epoch)
      judge('one driver', `${run.id} has another holder in the same epoch ${epoch}`);
    if (before.holder !== null && holder !== null && holder !== before.holder && isWell(before.holder))
      judge('liveness', `${run.id} is taken from ${before.holder}, which lives and beats`);
    if (before.holder !== null && holder !== before.holder) run.lostAt.set(before.holder, nowMs());
    if (holder === null) return;
    if (run.lastHolder !== null && run.lastHolder !== holder) run.followedAt.set(run.lastHolder, nowMs());
    run.lastHolder = holder;
    onHolder(run);
  }

  async #read(run: WatchedRun): Promise<void> {
    const { store, judge, onEvent, nowMs } = this.#setup;
    const ref = { tenant: 'default', runId: run.id, num: run.num };
    const events = await store.readEvents(ref, run.events.length, 1_000);
    for (const event of events) {
      const hadEnded = run.ends.has(event.path ?? '');
      judgeEvent(run, event, judge);
      noteTimes(run, event, nowMs());
      run.events.push(event);
      try {
        const delivery = fold(run.state, event);
        const lean = fold(run.lean, event);
        if (JSON.stringify(delivery) !== JSON.stringify(lean))
          judge('fold', `${run.id}: event ${event.seq} hands over something else without the history`);
        if (hadEnded && delivery && event.type.startsWith('step.'))
          judge('one outcome', `${run.id}: event ${event.seq} hands "${event.path}" over a second time`);
      } catch (error) {
        judge('fold', `${run.id}: ${String(error)}`);
        return;
      }
      if (event.type === 'run.paused' || event.type === 'run.cancel_requested') run.heldBackAt ??= nowMs();
      if (event.type === 'run.resumed' && !run.state.cancelRequested) run.heldBackAt = undefined;
      onEvent(run, event);
    }
  }

  #judge(run: WatchedRun, now: StoreNow): void {
    const { judge } = this.#setup;
    judgeRow(run, judge);
    judgeSums(run, now.usedBy(run.num), judge);
    judgeWaits(run, now.waitsOf(run.num), judge);
    this.#tasks.judge(run);
    judgeFamily(run, this.runs, judge);
  }
}

/** When attempts of tasks began, and everything ended. */
function noteTimes(run: WatchedRun, event: StoredEvent, nowMs: number): void {
  const { path = '', data, type } = event;
  const key = `${path}@${'attempt' in data ? data.attempt : 1}`;
  for (const one of [path, key]) if (run.ends.has(one) && !run.endedAt.has(one)) run.endedAt.set(one, nowMs);
  if (type === 'step.started' && run.scheduled.has(key))
    run.taskStarts.set(key, { holder: event.data.workerId ?? '', atMs: nowMs });
}

function hasChanged(before: RowNow, after: RowNow): boolean {
  return before.last_seq !== after.last_seq || before.status !== after.status;
}
