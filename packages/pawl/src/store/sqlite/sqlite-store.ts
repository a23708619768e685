/** The store in one SQLite file: the port, put together from its parts. */
import { pawlError } from '../../errors/index.ts';
import type { RunRef, StoredEvent } from '../../run/index.ts';
import {
  type Batch,
  type ChangeListener,
  type ClaimedRun,
  type ClaimedTask,
  type ClaimRequest,
  type CommitAnswer,
  type NewWorker,
  type NewWorkflow,
  type RunFilter,
  type RunRow,
  type Pruned,
  type PruneRequest,
  type Served,
  type Store,
  type StoreLimits,
  type TaskClaimRequest,
  Turns,
  type WaitFilter,
  type WaitRow,
  type WorkerRow,
  type WorkflowRow,
} from '../index.ts';
import { Announcer } from './announce.ts';
import { claim, nextDueAt } from './claim.ts';
import { claimTasks, heldTasks } from './claim-tasks.ts';
import { commitGroup } from './commit.ts';
import type { Connection } from './connection.ts';
import { listRuns, listWaits } from './lists.ts';
import type { LivenessLocks } from './liveness-locks.ts';
import { Names } from './names.ts';
import { MEMORY } from './open-file.ts';
import { prune } from './prune.ts';
import { reclaimRun } from './queries/reclaim-run.ts';
import { selectHeld } from './queries/select-held.ts';
import { selectMaxNum } from './queries/select-max-num.ts';
import { selectRun } from './queries/select-run.ts';
import { numOf, readEvents } from './read-events.ts';
import { runRowOf } from './run-row.ts';
import { StandingFile } from './standing-file.ts';
import { ChangeWatch } from './watch.ts';
import { Workers } from './workers.ts';
import { getWorkflow, registerWorkflows } from './workflows.ts';
import { type StorePlatform, Writer } from './writer.ts';

export interface SqliteParts {
  readonly db: Connection;
  readonly file: string;
  readonly platform: StorePlatform;
  readonly limits: StoreLimits;
  readonly locks: LivenessLocks;
}

/** States: open → closed. Everything is done on the calling thread, one transaction at a time. */
export class SqliteStore implements Store {
  readonly kind = 'sqlite';
  readonly location: string;
  readonly #parts: SqliteParts;
  readonly #names: Names;
  readonly #writer: Writer;
  /** Nobody else can look at a database in memory. */
  readonly #announcer: Announcer | undefined;
  readonly #workers: Workers;
  readonly #watch: ChangeWatch;
  readonly #turns = new Turns();
  readonly #taskTurns = new Turns();
  readonly #file: StandingFile;

  constructor(parts: SqliteParts) {
    const { db, platform, locks } = parts;
    this.location = parts.file;
    this.#parts = parts;
    this.#file = new StandingFile(parts.file);
    this.#names = new Names(db);
    this.#announcer = parts.file === MEMORY ? undefined : new Announcer(parts.file, platform);
    this.#writer = new Writer(db, platform, {
      rollback: () => this.#names.forget(),
      commit: () => this.#announcer?.note(),
    });
    this.#workers = new Workers({
      db,
      names: this.#names,
      writer: this.#writer,
      locks,
      now: () => this.#now(),
    });
    this.#watch = new ChangeWatch(db, platform);
  }

  commit(batches: readonly Batch[]): Promise<CommitAnswer[]> {
    const { db, limits } = this.#parts;
    return commitGroup(
      { db, names: this.#names, writer: this.#writer, limits, now: () => this.#now() },
      batches,
    );
  }

  claim(request: ClaimRequest): Promise<ClaimedRun[]> {
    return claim(this.#claimTools(), request);
  }

  async reclaim(run: RunRef, holder: string, epoch: number): Promise<ClaimedRun | undefined> {
    const { db } = this.#parts;
    return this.#writer.write(() => {
      const num = numOf(db, this.#names, run);
      const holderNum = this.#names.holder(holder);
      if (num === undefined || holderNum === undefined || db.run(reclaimRun, num, holderNum, epoch) === 0)
        return undefined;
      const row = db.get(selectRun, num);
      return row && { row: runRowOf(row), strikes: row.strikes, wasTaken: false };
    });
  }

  nextDueAt(serves: readonly Served[]): Promise<number | undefined> {
    return this.#writer.read(() => nextDueAt(this.#claimTools(), serves, this.#now()));
  }

  heldBy(holder: string): Promise<readonly RunRow[]> {
    return this.#writer.read(() => {
      const num = this.#names.holder(holder);
      return num === undefined ? [] : this.#parts.db.all(selectHeld, num).map(runRowOf);
    });
  }

  claimTasks(request: TaskClaimRequest): Promise<ClaimedTask[]> {
    return claimTasks({ ...this.#claimTools(), turns: this.#taskTurns }, request);
  }

  heldTasks(holder: string): Promise<readonly ClaimedTask[]> {
    return this.#writer.read(() => heldTasks(this.#claimTools(), holder));
  }

  releaseAll(holder: string): Promise<void> {
    return this.#workers.releaseAll(holder);
  }

  getRun(tenant: string, runId: string): Promise<RunRow | undefined> {
    return this.#writer.read(() => {
      const num = numOf(this.#parts.db, this.#names, { tenant, runId });
      const row = num === undefined ? undefined : this.#parts.db.get(selectRun, num);
      if (row !== undefined && row.id !== runId)
        throw pawlError('STORE_CORRUPT', { what: `the row of run ${runId} is that of another one` });
      return row && runRowOf(row);
    });
  }

  readEvents(run: RunRef, afterSeq: number, limit: number): Promise<StoredEvent[]> {
    const { db } = this.#parts;
    return this.#writer.read(() => {
      const num = numOf(db, this.#names, run);
      return num === undefined ? [] : readEvents(db, { num, runId: run.runId, afterSeq, limit });
    });
  }

  isEmpty(): Promise<boolean> {
    return this.#writer.read(() => (this.#parts.db.get(selectMaxNum)?.num ?? null) === null);
  }

  listRuns(filter: RunFilter): Promise<RunRow[]> {
    return this.#writer.read(() => listRuns(this.#parts.db, this.#names, filter));
  }

  listWaits(filter: WaitFilter): Promise<WaitRow[]> {
    return this.#writer.read(() => listWaits(this.#parts.db, this.#names, filter));
  }

  registerWorkflows(workflows: readonly NewWorkflow[]): Promise<readonly WorkflowRow[]> {
    return registerWorkflows(this.#parts.db, this.#writer, workflows);
  }

  getWorkflow(name: string, version?: string): Promise<WorkflowRow | undefined> {
    return this.#writer.read(() => getWorkflow(this.#parts.db, name, version));
  }

  registerWorker(worker: NewWorker): Promise<void> {
    return this.#workers.register(worker);
  }

  async beat(holder: string, draining: boolean): Promise<boolean> {
    this.#writer.requireStanding(this.#file);
    return await this.#workers.beat(holder, draining);
  }

  retireWorker(holder: string): Promise<void> {
    return this.#workers.retire(holder);
  }

  listWorkers(): Promise<WorkerRow[]> {
    return this.#workers.list();
  }

  isProvablyDead(holder: string): Promise<boolean> {
    return this.#workers.isProvablyDead(holder);
  }

  prune(request: PruneRequest): Promise<Pruned> {
    return this.#writer.write(() =>
      prune({ db: this.#parts.db, names: this.#names, now: this.#now() }, request),
    );
  }

  /** Not told where two engines share this connection: SQLite does not count its own commits. */
  async changes(): Promise<number | undefined> {
    if (this.location === MEMORY || this.#workers.ownCount > 1) return undefined;
    return this.#writer.read(() => this.#parts.db.dataVersion());
  }

  watch(listener: ChangeListener): () => void {
    return this.location === MEMORY ? () => undefined : this.#watch.add(this.location, listener);
  }

  async close(): Promise<void> {
    this.#announcer?.close();
    this.#watch.close();
    this.#parts.locks.close();
    this.#parts.db.close();
  }

  #now(): number {
    return this.#parts.platform.clock.now();
  }

  #claimTools() {
    return { db: this.#parts.db, names: this.#names, writer: this.#writer, turns: this.#turns };
  }
}
