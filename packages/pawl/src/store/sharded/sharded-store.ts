/** A store over several clusters: the port, put together from one store each. A run and all that descends from it stand on one. */
import { pawlError } from '../../errors/index.ts';
import type { RunRef, StoredEvent } from '../../run/index.ts';
import type { Clock } from '../../std/index.ts';
import type {
  Batch,
  ChangeListener,
  ClaimedRun,
  ClaimedTask,
  ClaimRequest,
  CommitAnswer,
  NewWorker,
  NewWorkflow,
  Parts,
  Pruned,
  PruneRequest,
  RunFilter,
  RunRow,
  Served,
  Store,
  TaskClaimRequest,
  WaitFilter,
  WaitRow,
  WorkerRow,
  WorkflowRow,
} from '../index.ts';
import { claim, claimTasks } from './claims.ts';
import { Engines } from './engines.ts';
import { listRuns, listWaits } from './lists.ts';
import { shardOfNum } from './numbers.ts';
import type { ShardPlatform } from './patience.ts';
import { type Place, startedBy } from './placement.ts';
import { Pruning } from './prune.ts';
import { RollCall } from './roll-call.ts';
import { Shard } from './shard.ts';
import { Whereabouts } from './whereabouts.ts';

/** States: open → closed. */
export class ShardedStore implements Store {
  readonly kind: string;
  readonly location: string;
  /** Servers of one system agree on the time. */
  readonly clock: Clock | undefined;
  readonly parts: Parts;
  readonly #shards: readonly Shard[];
  readonly #whereabouts: Whereabouts;
  readonly #roll: RollCall;
  readonly #engines: Engines;
  readonly #pruning: Pruning;
  readonly #listeners = new Set<ChangeListener>();

  constructor(stores: readonly Store[], platform: ShardPlatform, place: Place) {
    const count = stores.length;
    const onSeen = (run: RunRef, index: number | undefined): void => this.#whereabouts.note(run, index);
    const onBack = (): void => this.#tell();
    this.#shards = stores.map((store, index) => {
      const seen = (run: RunRef, isHere: boolean): void => onSeen(run, isHere ? index : undefined);
      return new Shard({ store, index, count, platform, onSeen: seen, onBack });
    });
    this.kind = stores[0]?.kind ?? '';
    this.clock = stores[0]?.clock;
    this.location = stores.map((store) => store.location).join(',');
    this.#whereabouts = new Whereabouts(this.#shards, place);
    this.#roll = new RollCall(this.#shards);
    this.#engines = new Engines(this.#roll);
    this.#pruning = new Pruning(this.#shards);
    this.parts = {
      all: this.#shards,
      of: (run) => this.#shard(shardOfNum(run.num)),
      for: (batch) => this.#placeOf(batch),
    };
  }

  /**
   * One transaction a shard. Where one of several fails nobody can say of the group as a whole what happened: who commits to
   * each part by itself hears it of that part alone.
   */
  async commit(batches: readonly Batch[]): Promise<CommitAnswer[]> {
    const places = await Promise.all(batches.map(async (batch) => await this.#placeOf(batch)));
    const groups = [...Map.groupBy(batches.keys(), (at) => places[at] as Shard)];
    const answers: CommitAnswer[] = [];
    const done = await Promise.allSettled(
      groups.map(async ([shard, at]) => {
        const own = await shard.commit(at.map((one) => batches[one] as Batch));
        for (const [order, one] of at.entries()) answers[one] = own[order] as CommitAnswer;
      }),
    );
    const failed = done.find((one) => one.status === 'rejected');
    if (failed === undefined) return answers;
    if (groups.length === 1) throw failed.reason;
    throw pawlError('STORE_UNKNOWN', { problem: String(failed.reason) }, { cause: failed.reason });
  }

  // ---- where a batch goes

  #placeOf(batch: Batch): Shard | Promise<Shard> {
    const { run } = batch;
    if (run.num !== undefined) return this.#shard(shardOfNum(run.num));
    if (startedBy(batch) !== undefined) return this.#placeOfStart(batch);
    const seen = this.#whereabouts.seen(run);
    return seen === undefined ? this.#homeOf(run) : this.#shard(seen);
  }

  /** By its key, where it has one; else by its id, or where its root stands. */
  #placeOfStart(batch: Batch): Shard | Promise<Shard> {
    const start = startedBy(batch);
    if (start === undefined) return this.#homeOf(batch.run);
    const { idempotencyKey: key, rootRunId, runId, tenant } = start;
    if (key === undefined && rootRunId !== runId) return this.#homeOf({ tenant, runId: rootRunId });
    const home =
      key === undefined ? this.#whereabouts.home(batch.run) : this.#whereabouts.homeOfStart(start, key);
    return batch.isIdempotent === true ? this.#shard(home) : this.#unlessTaken(batch.run, home);
  }

  /** An id that somebody chose may have been taken on another shard, by a start with a key or a child: that one refuses it. */
  async #unlessTaken(run: RunRef, home: number): Promise<Shard> {
    return this.#shard((await this.#whereabouts.findElsewhere(run, home)) ?? home);
  }

  /** Where the run stands; where nobody has it, the shard that may say so. */
  async #homeOf(run: RunRef): Promise<Shard> {
    return this.#shard((await this.#whereabouts.find(run)) ?? this.#whereabouts.home(run));
  }

  async #located(run: RunRef): Promise<Shard> {
    return await this.#placeOf({ run, fence: 'external', events: [] });
  }

  #shard(index: number): Shard {
    const shard = this.#shards[index];
    if (shard === undefined) throw pawlError('STORE_CORRUPT', { what: `there is no cluster ${index + 1}` });
    return shard;
  }

  // ---- claims

  claim(request: ClaimRequest): Promise<ClaimedRun[]> {
    return claim(this.#roll, request);
  }

  async reclaim(run: RunRef, holder: string, epoch: number): Promise<ClaimedRun | undefined> {
    return await (await this.#located(run)).reclaim(run, holder, epoch);
  }

  async nextDueAt(serves: readonly Served[]): Promise<number | undefined> {
    const times = (await this.#roll.every((shard) => shard.nextDueAt(serves))).flatMap(
      ({ answer }) => answer ?? [],
    );
    return times.length === 0 ? undefined : Math.min(...times);
  }

  async heldBy(holder: string): Promise<readonly RunRow[]> {
    return (await Promise.all(this.#shards.map((shard) => shard.heldBy(holder)))).flat();
  }

  claimTasks(request: TaskClaimRequest): Promise<ClaimedTask[]> {
    return claimTasks(this.#roll, request);
  }

  async heldTasks(holder: string): Promise<readonly ClaimedTask[]> {
    return (await Promise.all(this.#shards.map((shard) => shard.heldTasks(holder)))).flat();
  }

  async releaseAll(holder: string): Promise<void> {
    await this.#roll.every((shard) => shard.releaseAll(holder));
  }

  // ---- reads

  async getRun(tenant: string, runId: string): Promise<RunRow | undefined> {
    const run = { tenant, runId };
    const seen = this.#whereabouts.seen(run);
    const row = seen === undefined ? undefined : await this.#shard(seen).getRun(tenant, runId);
    if (row !== undefined) return row;
    const found = await this.#whereabouts.find(run);
    return found === undefined ? undefined : await this.#shard(found).getRun(tenant, runId);
  }

  async readEvents(run: RunRef, afterSeq: number, limit: number): Promise<StoredEvent[]> {
    return await (await this.#located(run)).readEvents(run, afterSeq, limit);
  }

  async isEmpty(): Promise<boolean> {
    return (await Promise.all(this.#shards.map((shard) => shard.isEmpty()))).every(Boolean);
  }

  listRuns(filter: RunFilter): Promise<RunRow[]> {
    return listRuns({ shards: this.#shards, whereabouts: this.#whereabouts }, filter);
  }

  listWaits(filter: WaitFilter): Promise<WaitRow[]> {
    return listWaits({ shards: this.#shards, whereabouts: this.#whereabouts }, filter);
  }

  // ---- workflows

  /** Nothing is written anywhere before every shard has been asked what it knows. */
  async registerWorkflows(workflows: readonly NewWorkflow[]): Promise<readonly WorkflowRow[]> {
    for (const shard of this.#shards) {
      const known = await Promise.all(workflows.map(({ name, version }) => shard.getWorkflow(name, version)));
      const changed = known.filter((row, at) => row !== undefined && row.digest !== workflows[at]?.digest);
      if (changed.length > 0) return changed.filter((row) => row !== undefined);
    }
    const changed = await Promise.all(this.#shards.map((shard) => shard.registerWorkflows(workflows)));
    return changed.find((rows) => rows.length > 0) ?? [];
  }

  /** All have the same: the first one that answers says it. */
  async getWorkflow(name: string, version?: string): Promise<WorkflowRow | undefined> {
    const answers = await this.#roll.every((shard) => shard.getWorkflow(name, version));
    return answers.find(({ answer }) => answer !== undefined)?.answer;
  }

  // ---- engines

  registerWorker(worker: NewWorker): Promise<void> {
    return this.#engines.register(worker);
  }

  beat(holder: string, draining: boolean): Promise<boolean> {
    return this.#engines.beat(holder, draining);
  }

  async retireWorker(holder: string): Promise<void> {
    await this.#roll.every((shard) => shard.retireWorker(holder));
  }

  listWorkers(): Promise<WorkerRow[]> {
    return this.#engines.list();
  }

  isProvablyDead(holder: string): Promise<boolean> {
    return this.#engines.isProvablyDead(holder);
  }

  prune(request: PruneRequest): Promise<Pruned> {
    return this.#pruning.prune(request);
  }

  // ---- changes

  /** Each number only grows: so does their sum. One that does not answer may have changed. */
  async changes(): Promise<number | undefined> {
    const answers = await this.#roll.every((shard) => shard.changes());
    if (answers.length < this.#shards.length) return undefined;
    return answers.reduce<number | undefined>(
      (sum, { answer }) => (sum === undefined || answer === undefined ? undefined : sum + answer),
      0,
    );
  }

  watchHistory(listener: ChangeListener): () => void {
    const stops = this.#shards.map((shard) => shard.watchHistory(listener));
    return () => {
      for (const stop of stops) stop();
    };
  }

  watch(listener: ChangeListener): () => void {
    const stops = this.#shards.map((shard) => shard.watch(listener));
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      for (const stop of stops) stop();
    };
  }

  /** A shard is back: whatever happened there meanwhile, nobody was told. */
  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#shards.map((shard) => shard.close()));
  }
}
