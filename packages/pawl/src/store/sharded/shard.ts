/** One place of a sharded store: the store in it, with numbers that are good over all shards and errors that say which one it is. */
import { isPawlError, pawlError } from '../../errors/index.ts';
import type { RunRef } from '../../run/index.ts';
import type {
  Arrival,
  Batch,
  ChangeListener,
  ClaimedRun,
  ClaimedTask,
  ClaimRequest,
  CommitAnswer,
  Conclusion,
  NewWorker,
  NewWorkflow,
  PruneRequest,
  Refused,
  RunFilter,
  RunRow,
  Served,
  Store,
  TaskClaimRequest,
  WaitFilter,
  WaitRow,
} from '../index.ts';
import { globalNum, globalRef, localRef, shardOfNum } from './numbers.ts';
import { Patience, type ShardPlatform } from './patience.ts';

export interface ShardSetup {
  readonly store: Store;
  readonly index: number;
  readonly count: number;
  /** A run stands here; false: it was looked for here, and is not. */
  readonly onSeen: (run: RunRef, isHere: boolean) => void;
  readonly platform: ShardPlatform;
  /** It was away, and answers again. */
  readonly onBack: () => void;
}

export class Shard implements Store {
  readonly kind: string;
  readonly location: string;
  readonly index: number;
  /** What errors call it: people count from one. */
  readonly name: string;
  /** For what is asked in rounds over all shards. */
  readonly patience: Patience;
  readonly #store: Store;
  readonly #onSeen: ShardSetup['onSeen'];

  constructor({ store, index, count, onSeen, platform, onBack }: ShardSetup) {
    this.kind = store.kind;
    this.location = store.location;
    this.index = index;
    this.name = `cluster ${index + 1} of ${count} (${store.location})`;
    this.patience = new Patience(platform, this.name, onBack);
    this.#store = store;
    this.#onSeen = onSeen;
  }

  /** What reaches over to another shard is refused alone. */
  async commit(batches: readonly Batch[]): Promise<CommitAnswer[]> {
    const refusals = batches.map((batch) => this.#foreign(batch));
    const own = batches.filter((_batch, at) => refusals[at] === undefined);
    const answers = (await this.#named(() => this.#store.commit(own.map(localBatch)))).values();
    return batches.map((batch, at) => {
      const refusal = refusals[at];
      if (refusal !== undefined) return refusal;
      const { value } = answers.next();
      return this.#globalAnswer(batch, value as CommitAnswer);
    });
  }

  /** Why a batch cannot be one transaction here: it names a run that stands elsewhere. */
  #foreign({ arrivals = [], conclusion }: Batch): Refused | undefined {
    const all = conclusion?.arrivals ? [...arrivals, ...conclusion.arrivals] : arrivals;
    const foreign = all.find(({ run }) => run.num !== undefined && shardOfNum(run.num) !== this.index);
    if (foreign === undefined) return undefined;
    const detail = `the run ${foreign.run.runId} stands on another cluster: one commit does not reach over two families`;
    return { type: 'refused', reason: 'refused', detail };
  }

  #globalAnswer({ run }: Batch, answer: CommitAnswer): CommitAnswer {
    if (answer.type === 'refused') {
      if (answer.reason === 'not_found') this.#onSeen(run, false);
      return answer;
    }
    const created = answer.created.map((one) => ({ ...one, run: this.#ref(one.run) }));
    for (const one of created) this.#onSeen(one.run, true);
    return { ...answer, created, touched: answer.touched.map((one) => this.#ref(one)) };
  }

  async claim(request: ClaimRequest): Promise<ClaimedRun[]> {
    const claimed = await this.#named(() => this.#store.claim(request));
    return claimed.map((one) => ({ ...one, row: this.#row(one.row) }));
  }

  async reclaim(run: RunRef, holder: string, epoch: number): Promise<ClaimedRun | undefined> {
    const claimed = await this.#named(() => this.#store.reclaim(localRef(run), holder, epoch));
    return claimed && { ...claimed, row: this.#row(claimed.row) };
  }

  nextDueAt(serves: readonly Served[]) {
    return this.#named(() => this.#store.nextDueAt(serves));
  }

  async heldBy(holder: string): Promise<readonly RunRow[]> {
    const ask = () => this.#named(() => this.#store.heldBy(holder));
    return (await this.patience.wait(ask)).map((row) => this.#row(row));
  }

  async claimTasks(request: TaskClaimRequest): Promise<ClaimedTask[]> {
    return (await this.#named(() => this.#store.claimTasks(request))).map((task) => this.#task(task));
  }

  async heldTasks(holder: string): Promise<readonly ClaimedTask[]> {
    const ask = () => this.#named(() => this.#store.heldTasks(holder));
    return (await this.patience.wait(ask)).map((task) => this.#task(task));
  }

  releaseAll(holder: string) {
    return this.#named(() => this.#store.releaseAll(holder));
  }

  async getRun(tenant: string, runId: string): Promise<RunRow | undefined> {
    const row = await this.#named(() => this.#store.getRun(tenant, runId));
    return row && this.#row(row);
  }

  readEvents(run: RunRef, afterSeq: number, limit: number) {
    return this.#named(() => this.#store.readEvents(localRef(run), afterSeq, limit));
  }

  isEmpty(): Promise<boolean> {
    return this.#named(() => this.#store.isEmpty());
  }

  async listRuns(filter: RunFilter): Promise<RunRow[]> {
    return (await this.#named(() => this.#store.listRuns(filter))).map((row) => this.#row(row));
  }

  async listWaits(filter: WaitFilter): Promise<WaitRow[]> {
    const waits = await this.#named(() => this.#store.listWaits(filter));
    return waits.map((wait) => ({ ...wait, run: this.#ref(wait.run) }));
  }

  registerWorkflows(workflows: readonly NewWorkflow[]) {
    return this.#named(() => this.#store.registerWorkflows(workflows));
  }

  getWorkflow(name: string, version?: string) {
    return this.#named(() => this.#store.getWorkflow(name, version));
  }

  registerWorker(worker: NewWorker) {
    return this.#named(() => this.#store.registerWorker(worker));
  }

  beat(holder: string, draining: boolean) {
    return this.#named(() => this.#store.beat(holder, draining));
  }

  retireWorker(holder: string) {
    return this.#named(() => this.#store.retireWorker(holder));
  }

  listWorkers() {
    return this.#named(() => this.#store.listWorkers());
  }

  isProvablyDead(holder: string) {
    return this.#named(() => this.#store.isProvablyDead(holder));
  }

  prune(request: PruneRequest) {
    return this.#named(() => this.#store.prune(request));
  }

  changes() {
    return this.#named(() => this.#store.changes());
  }

  get groupsInFlight(): number {
    return this.#store.groupsInFlight ?? 1;
  }

  watchHistory(listener: ChangeListener): () => void {
    return this.#store.watchHistory?.(listener) ?? (() => undefined);
  }

  watch(listener: ChangeListener): () => void {
    return this.#store.watch(listener);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #row(row: RunRow): RunRow {
    const run = { ...row.run, num: globalNum(row.run.num, this.index) };
    this.#onSeen(run, true);
    return { ...row, run };
  }

  #task(task: ClaimedTask): ClaimedTask {
    return { ...task, run: { ...task.run, num: globalNum(task.run.num, this.index) } };
  }

  #ref(run: RunRef): RunRef {
    return globalRef(run, this.index);
  }

  /** An error of the surroundings says which shard it was. */
  async #named<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!isPawlError(error)) throw error;
      const { code, params } = error;
      const { problem, what } = params;
      if ((code === 'STORE_UNAVAILABLE' || code === 'STORE_UNKNOWN') && problem !== undefined)
        throw pawlError(code, { problem: `${this.name}: ${problem}` }, { cause: error });
      if (code === 'STORE_CORRUPT' && what !== undefined)
        throw pawlError(code, { what: `${this.name}: ${what}` }, { cause: error });
      throw error;
    }
  }
}

function localBatch(batch: Batch): Batch {
  const { run, arrivals, conclusion } = batch;
  return {
    ...batch,
    run: localRef(run),
    ...(arrivals === undefined ? {} : { arrivals: localArrivals(arrivals) }),
    ...(conclusion?.arrivals === undefined ? {} : { conclusion: localConclusion(conclusion) }),
  };
}

function localConclusion(conclusion: Conclusion): Conclusion {
  return { ...conclusion, arrivals: localArrivals(conclusion.arrivals ?? []) };
}

function localArrivals(arrivals: readonly Arrival[]): Arrival[] {
  return arrivals.map((one) => ({ ...one, run: localRef(one.run) }));
}
