/** Engines in the store: their rows, their heartbeats, and the proof that one is gone. */
import type { NewWorker, WorkerRow } from '../index.ts';
import type { Connection } from './connection.ts';
import type { LivenessLocks } from './liveness-locks.ts';
import { beatWorker } from './queries/beat-worker.ts';
import { deleteWorker } from './queries/delete-worker.ts';
import { freeHolder } from './queries/free-holder.ts';
import { lockWorker } from './queries/lock-worker.ts';
import { type ForgottenColumns, selectForgotten } from './queries/select-forgotten.ts';
import { selectWorkers, type WorkerColumns } from './queries/select-workers.ts';
import { upsertWorker } from './queries/upsert-worker.ts';
import type { ServerClock } from './server-clock.ts';

export interface WorkerTools {
  /** The session that commits: its life is that of its engines. */
  readonly db: Connection;
  readonly locks: LivenessLocks;
  readonly now: () => number;
  /** Kept right by the heartbeats, where times are those of the server. */
  readonly serverClock: ServerClock | undefined;
  /** A transaction of our own that is no news to anybody: its number, and what had ended when it began. */
  readonly onOwn: (transaction: { readonly xid: string; readonly snapshot: string }) => void;
}

/** Registers, beats and retires the engines of one store object. */
export class Workers {
  readonly #tools: WorkerTools;
  readonly #own = new Set<string>();

  constructor(tools: WorkerTools) {
    this.#tools = tools;
  }

  /** First the lock, then the row. */
  async register(worker: NewWorker): Promise<void> {
    const { id, hostname, pid, startedAt, serves, queues, isOutside = false } = worker;
    const { db, now } = this.#tools;
    const hasLock = isOutside ? false : await this.#takeLock(id);
    await db.write(
      upsertWorker,
      id,
      hostname,
      pid,
      startedAt,
      now(),
      hasLock,
      JSON.stringify(serves),
      queues ? JSON.stringify(queues) : null,
      isOutside,
    );
  }

  /** Whether it can be seen by others: not behind a pooler. */
  async #takeLock(id: string): Promise<boolean> {
    const { db, locks } = this.#tools;
    locks.take(id);
    const isPooled = await db.isPooled();
    if (!this.#own.has(id) && !isPooled) await db.read(lockWorker, id);
    this.#own.add(id);
    return !isPooled;
  }

  /** One statement on one row, a transaction of its own. */
  async beat(holder: string, draining: boolean): Promise<boolean> {
    const { db, now, onOwn, serverClock } = this.#tools;
    const askedAt = serverClock?.monotonic() ?? 0;
    const [row] = await db.write(beatWorker, now(), draining, holder);
    if (row === undefined) return false;
    serverClock?.learn(row.now, askedAt);
    onOwn(row);
    return true;
  }

  /** Gives all runs and tasks of a holder back without a strike. */
  async releaseAll(holder: string): Promise<void> {
    const { db, now } = this.#tools;
    await db.write(freeHolder, holder, now(), 0, false);
  }

  /** Removes an engine: our own without strikes, another one as the dead that it is. */
  async retire(holder: string): Promise<void> {
    const { db, locks, now } = this.#tools;
    const isOwn = this.#own.delete(holder);
    if (isOwn) {
      await this.releaseAll(holder);
      await db.write(deleteWorker, holder);
    } else await db.write(freeHolder, holder, now(), null, true);
    locks.clear(holder);
  }

  async list(): Promise<WorkerRow[]> {
    const { db } = this.#tools;
    const known = (await db.read(selectWorkers)).map(workerRowOf);
    return [...known, ...(await db.read(selectForgotten)).map(forgottenRowOf)];
  }
}

function workerRowOf(row: WorkerColumns): WorkerRow {
  return {
    id: row.id,
    hostname: row.hostname,
    pid: row.pid,
    startedAt: row.started_at,
    beatAt: row.beat_at,
    draining: row.draining,
    serves: JSON.parse(row.serves) as string[],
    held: row.held,
    tasks: row.tasks,
    ...(row.is_outside ? { isOutside: true } : {}),
    ...(row.queues === null ? {} : { queues: JSON.parse(row.queues) as string[] }),
  };
}

function forgottenRowOf({ id, held, tasks }: ForgottenColumns): WorkerRow {
  const nothing = { hostname: '', pid: 0, startedAt: 0, beatAt: 0, draining: false, serves: [], queues: [] };
  return { id, ...nothing, held, tasks, isForgotten: true };
}
