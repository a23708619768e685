/** Engines in the store: their rows, their heartbeats, and the proof that one is gone. */
import type { NewWorker, WorkerRow } from '../index.ts';
import { free, holdsAnything } from './claim.ts';
import type { Connection } from './connection.ts';
import type { LivenessLocks } from './liveness-locks.ts';
import type { Names } from './names.ts';
import { beatWorker } from './queries/beat-worker.ts';
import { countOtherWorkers } from './queries/count-other-workers.ts';
import { deleteWorker } from './queries/delete-worker.ts';
import { type ForgottenColumns, selectForgotten } from './queries/select-forgotten.ts';
import { freeRuns } from './queries/free-runs.ts';
import { freeTasks } from './queries/free-tasks.ts';
import { selectWorker, type WorkerColumns } from './queries/select-worker.ts';
import { selectWorkers } from './queries/select-workers.ts';
import { upsertWorker } from './queries/upsert-worker.ts';
import type { Writer } from './writer.ts';

export interface WorkerTools {
  readonly db: Connection;
  readonly names: Names;
  readonly writer: Writer;
  readonly locks: LivenessLocks;
  readonly now: () => number;
}

/** Registers, beats and retires the engines of one store object. */
export class Workers {
  readonly #tools: WorkerTools;
  /** Engines registered through this store object: their hostname. */
  readonly #own = new Map<string, string>();

  constructor(tools: WorkerTools) {
    this.#tools = tools;
  }

  /** First the lock, then the row: whoever finds the row without a lock file knows that it was cleared away. */
  async register({
    id,
    hostname,
    pid,
    startedAt,
    serves,
    queues,
    isOutside = false,
  }: NewWorker): Promise<void> {
    const { db, names, writer, locks, now } = this.#tools;
    if (!isOutside && !this.#own.has(id)) locks.take(id);
    if (!isOutside) this.#own.set(id, hostname);
    await writer.write(() => {
      names.giveHolder(id);
      db.run(
        upsertWorker,
        id,
        hostname,
        pid,
        startedAt,
        now(),
        JSON.stringify(serves),
        queues ? JSON.stringify(queues) : null,
        isOutside ? 1 : 0,
      );
    });
    if (!isOutside) await writer.read(() => this.#lookAround(id));
  }

  /** Engines that are registered through this store object. */
  get ownCount(): number {
    return this.#own.size;
  }

  /** One statement on one row, a transaction of its own. */
  async beat(holder: string, draining: boolean): Promise<boolean> {
    const { db, writer, now } = this.#tools;
    const [row] = await writer.writeAlone(() => db.all(beatWorker, now(), draining ? 1 : 0, holder)); // to its end: then it is committed
    writer.hasNeighbors = (row?.others ?? 0) > 0;
    return row !== undefined;
  }

  /** Gives all runs and tasks of a holder back without a strike. */
  async releaseAll(holder: string): Promise<void> {
    const { db, names, writer, now } = this.#tools;
    const num = await writer.read(() => names.holder(holder));
    if (num === undefined || !(await writer.read(() => holdsAnything(db, num)))) return;
    await writer.write(() => {
      db.run(freeTasks, num);
      return db.all(freeRuns, 0, now(), num);
    });
  }

  /** Removes an engine: our own without strikes, another one as the dead that it is. */
  async retire(holder: string): Promise<void> {
    const { db, names, writer, locks, now } = this.#tools;
    if (this.#own.has(holder)) await this.releaseAll(holder);
    await writer.write(() => {
      if (this.#own.has(holder)) db.run(deleteWorker, holder);
      else free({ db, names }, holder, now());
    });
    this.#own.delete(holder);
    locks.clear(holder);
  }

  async list(): Promise<WorkerRow[]> {
    const { db, writer } = this.#tools;
    return writer.read(() => [
      ...db.all(selectWorkers).map(workerRowOf),
      ...db.all(selectForgotten).map(forgottenRowOf),
    ]);
  }

  /** A lock that is free proves it; so does a missing lock file of an engine of this host that has a row. */
  async isProvablyDead(holder: string): Promise<boolean> {
    const { db, writer, locks } = this.#tools;
    const state = locks.look(holder);
    if (state !== 'missing') return state === 'free';
    const row = await writer.read(() => db.get(selectWorker, holder));
    return row !== undefined && row.is_outside === 0 && [...this.#own.values()].includes(row.hostname);
  }

  /** Clears away locks whose owners are gone and have no row any more. */
  #lookAround(own: string): void {
    const { db, locks } = this.#tools;
    for (const trace of locks.traces().slice(0, MAX_CLEARED)) {
      if (db.get(selectWorker, trace) === undefined) locks.clear(trace);
    }
    this.#countNeighbors(own);
  }

  #countNeighbors(own: string): void {
    const { db, writer } = this.#tools;
    writer.hasNeighbors = (db.get(countOtherWorkers, own)?.others ?? 0) > 0;
  }
}

/** Lock files looked at when an engine registers. */
const MAX_CLEARED = 100;

function workerRowOf(row: WorkerColumns & { held: number; tasks: number }): WorkerRow {
  return {
    id: row.id,
    hostname: row.hostname,
    pid: row.pid,
    startedAt: row.started_at,
    beatAt: row.beat_at,
    draining: row.draining === 1,
    serves: JSON.parse(row.serves) as string[],
    held: row.held,
    tasks: row.tasks,
    ...(row.is_outside === 1 ? { isOutside: true } : {}),
    ...(row.queues === null ? {} : { queues: JSON.parse(row.queues) as string[] }),
  };
}

function forgottenRowOf({ id, held, tasks }: ForgottenColumns): WorkerRow {
  const nothing = { hostname: '', pid: 0, startedAt: 0, beatAt: 0, draining: false, serves: [], queues: [] };
  return { id, ...nothing, held, tasks, isForgotten: true };
}
