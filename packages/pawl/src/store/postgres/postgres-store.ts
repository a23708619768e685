/** The store in a PostgreSQL database: the port, put together from its parts. */
import type { RunRef, StoredEvent } from '../../run/index.ts';
import type { Clock } from '../../std/index.ts';
import {
  type Batch,
  BLOB_LIFE_MS,
  type ChangeListener,
  type ClaimedRun,
  type ClaimedTask,
  type ClaimRequest,
  type CommitAnswer,
  type NewWorker,
  type NewWorkflow,
  PRUNE_WINDOW,
  type Pruned,
  type PruneRequest,
  type RunFilter,
  type RunRow,
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
import { concernsOthers } from './answers.ts';
import { claim, nextDueAt } from './claim.ts';
import { claimTasks, heldTasks } from './claim-tasks.ts';
import { commitGroup } from './commit.ts';
import type { Connection, StorePlatform } from './connection.ts';
import type { History } from './history.ts';
import { listRuns, listWaits } from './lists.ts';
import type { LivenessLocks } from './liveness-locks.ts';
import type { Names } from './names.ts';
import { pruneRuns } from './queries/prune.ts';
import { reclaimRun } from './queries/reclaim-run.ts';
import { selectAnyRun } from './queries/select-any-run.ts';
import { selectHeld } from './queries/select-held.ts';
import { selectRun } from './queries/select-run.ts';
import { readEvents } from './read-events.ts';
import { runRowOf } from './run-row.ts';
import type { ServerClock } from './server-clock.ts';
import type { ChangeWatch } from './watch.ts';
import { Workers } from './workers.ts';
import { getWorkflow, registerWorkflows } from './workflows.ts';

export interface PostgresParts {
  /** The session that commits; with it stand and fall the locks of its engines. */
  readonly writer: Connection;
  /** The session that reads, claims, listens and tells. */
  readonly reader: Connection;
  readonly location: string;
  readonly platform: StorePlatform;
  readonly limits: StoreLimits;
  readonly names: Names;
  readonly locks: LivenessLocks;
  readonly watch: ChangeWatch;
  /** Where times are those of the server and not of this process; then the clock of `platform` too. */
  readonly serverClock: ServerClock | undefined;
  readonly history: History;
}

/** States: open → closed. Two sessions, each used by one statement at a time. */
export class PostgresStore implements Store {
  readonly kind = 'postgres';
  /** One is at the server while the other is made or answered; the session sends them one after the other. */
  readonly groupsInFlight = 2;
  readonly location: string;
  readonly #parts: PostgresParts;
  readonly #announcer: Announcer;
  readonly #workers: Workers;
  readonly #turns = new Turns();
  readonly #taskTurns = new Turns();
  readonly #longWay = new Set<number>();

  constructor(parts: PostgresParts) {
    const { writer, reader, platform, locks, watch, serverClock } = parts;
    this.location = parts.location;
    this.#parts = parts;
    this.#announcer = new Announcer(reader, platform);
    this.#workers = new Workers({
      db: writer,
      locks,
      now: () => platform.clock.now(),
      serverClock,
      onOwn: (transaction) => watch.onOwn(transaction),
    });
  }

  get clock(): Clock | undefined {
    return this.#parts.serverClock;
  }

  async commit(batches: readonly Batch[]): Promise<CommitAnswer[]> {
    const { writer: db, names, limits, platform, serverClock } = this.#parts;
    const now = () => (serverClock ? null : platform.clock.now());
    const answers = await commitGroup({ db, names, limits, platform, now, longWay: this.#longWay }, batches);
    const concerned = answers.map((answer, index) => concernsOthers(answer, batches[index] as Batch));
    if (answers.some(({ type }) => type !== 'refused')) this.#announcer.note(concerned.includes(true));
    return answers;
  }

  claim(request: ClaimRequest): Promise<ClaimedRun[]> {
    return claim(this.#claimTools(this.#turns), request);
  }

  /** On the session of the commits: behind whatever of ours is under way. */
  async reclaim(run: RunRef, holder: string, epoch: number): Promise<ClaimedRun | undefined> {
    const [row] = await this.#parts.writer.write(reclaimRun, run.tenant, run.runId, holder, epoch);
    return row && { row: runRowOf(row), strikes: row.strikes, wasTaken: false };
  }

  nextDueAt(serves: readonly Served[]): Promise<number | undefined> {
    return nextDueAt({ db: this.#parts.reader }, serves, this.#parts.platform.clock.now());
  }

  async heldBy(holder: string): Promise<readonly RunRow[]> {
    return (await this.#parts.reader.read(selectHeld, holder)).map(runRowOf);
  }

  claimTasks(request: TaskClaimRequest): Promise<ClaimedTask[]> {
    return claimTasks(this.#claimTools(this.#taskTurns), request);
  }

  heldTasks(holder: string): Promise<readonly ClaimedTask[]> {
    return heldTasks({ db: this.#parts.reader }, holder);
  }

  async releaseAll(holder: string): Promise<void> {
    await this.#workers.releaseAll(holder);
    this.#announcer.note(true);
  }

  async getRun(tenant: string, runId: string): Promise<RunRow | undefined> {
    const [row] = await this.#parts.reader.read(selectRun, tenant, runId);
    return row && runRowOf(row);
  }

  readEvents(run: RunRef, afterSeq: number, limit: number): Promise<StoredEvent[]> {
    return readEvents(this.#parts.reader, { run, afterSeq, limit });
  }

  async isEmpty(): Promise<boolean> {
    return (await this.#parts.reader.read(selectAnyRun)).length === 0;
  }

  listRuns(filter: RunFilter): Promise<RunRow[]> {
    return listRuns(this.#parts.reader, filter);
  }

  listWaits(filter: WaitFilter): Promise<WaitRow[]> {
    return listWaits(this.#parts.reader, filter);
  }

  registerWorkflows(workflows: readonly NewWorkflow[]): Promise<readonly WorkflowRow[]> {
    return registerWorkflows(this.#parts.reader, workflows);
  }

  getWorkflow(name: string, version?: string): Promise<WorkflowRow | undefined> {
    return getWorkflow(this.#parts.reader, name, version);
  }

  registerWorker(worker: NewWorker): Promise<void> {
    return this.#workers.register(worker);
  }

  beat(holder: string, draining: boolean): Promise<boolean> {
    return this.#workers.beat(holder, draining);
  }

  async retireWorker(holder: string): Promise<void> {
    await this.#workers.retire(holder);
    this.#announcer.note(true);
  }

  listWorkers(): Promise<WorkerRow[]> {
    return this.#workers.list();
  }

  isProvablyDead(holder: string): Promise<boolean> {
    return this.#parts.locks.isProvablyDead(holder);
  }

  async prune({ endedBefore, limit, after, tenant: owner }: PruneRequest): Promise<Pruned> {
    const { reader, names, platform } = this.#parts;
    const tenant = owner === undefined ? null : await names.tenant(owner);
    if (tenant === undefined) return { removed: 0, next: undefined };
    const blobsBefore = platform.clock.now() - BLOB_LIFE_MS;
    const [row] = await reader.write(pruneRuns, endedBefore, tenant, after, limit, PRUNE_WINDOW, blobsBefore);
    return { removed: row?.removed ?? 0, next: row?.next ?? undefined };
  }

  changes(): Promise<number> {
    return this.#parts.watch.changes();
  }

  watch(listener: ChangeListener): () => void {
    return this.#parts.watch.add(listener);
  }

  watchHistory(listener: ChangeListener): () => void {
    return this.#parts.history.watch(listener);
  }

  async close(): Promise<void> {
    const { writer, reader, locks, watch } = this.#parts;
    await this.#announcer.close();
    watch.close();
    locks.close();
    await Promise.all([writer.close(), reader.close()]);
  }

  #claimTools(turns: Turns) {
    const { reader: db, names } = this.#parts;
    return { db, names, turns };
  }
}
