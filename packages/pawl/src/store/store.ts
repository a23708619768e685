/** The port to whatever keeps the journal: every store passes the contract suite in `testing/contract/`. */
import type { RunRef, StoredEvent } from '../run/index.ts';
import type { Clock, Payload } from '../std/index.ts';
import type { Batch, CommitAnswer } from './batch.ts';
import type {
  NewWorker,
  NewWorkflow,
  RunFilter,
  RunRow,
  WaitFilter,
  WaitRow,
  WorkerRow,
  WorkflowRow,
} from './rows.ts';
import type { ClaimedTask, TaskClaimRequest } from './tasks.ts';

/** What a worker can drive. */
export interface Served {
  readonly workflow: string;
  readonly versions: readonly string[];
}

export interface ClaimRequest {
  readonly holder: string;
  readonly serves: readonly Served[];
  readonly limit: number;
  /** Wall clock, ms: what is due at or before it can be claimed. */
  readonly now: number;
  /** Whether a run with two or more strikes may be among the claimed (at most one is). */
  readonly quarantine: boolean;
  /** Holders judged dead or silent, whose runs may be taken; a strike each, unless they were draining. */
  readonly dead: readonly string[];
}

export interface ClaimedRun {
  readonly row: RunRow;
  /** How many of its holders died on it, this time included; 0 when it was simply due. */
  readonly strikes: number;
  /** Whether it was taken from a dead or silent holder. */
  readonly wasTaken: boolean;
}

export interface PruneRequest {
  /** Wall clock, ms: runs that changed last before it. */
  readonly endedBefore: number;
  /** Undefined: of every tenant. */
  readonly tenant?: string | undefined;
  readonly limit: number;
  /** Where the call before ended; 0 at first. */
  readonly after: number;
}

/** Rows of runs looked at by one call of `prune`, so that a table of old runs that live holds nobody up. */
export const PRUNE_WINDOW = 10_000;
/** A blob stays so long after its last use: somebody may be about to refer to it again. */
export const BLOB_LIFE_MS = 86_400_000;

export interface Pruned {
  readonly removed: number;
  /** Where to go on; undefined: everything was looked at. */
  readonly next: number | undefined;
}

/** Tells one that something may have changed; the listener looks for itself. */
export type ChangeListener = () => void;

/** The places of a store that keeps its runs in several; each is a store, and what fails in one leaves the others alone. */
export interface Parts {
  readonly all: readonly Store[];
  /** The place that a run's number names. */
  of(run: RunRef & { readonly num: number }): Store;
  /** The place that a batch goes to: that of its run, or of the run that it starts. @throws `STORE_UNAVAILABLE` where it cannot be told */
  for(batch: Batch): Store | Promise<Store>;
}

export interface Store {
  /** `sqlite` or `postgres`. */
  readonly kind: string;
  /** Where it is, without credentials. */
  readonly location: string;
  /** The clock that its times go by, where it is not that of this process: an engine goes by it too. */
  readonly clock?: Clock | undefined;
  /** Undefined: there is one place. Whoever commits to each by itself never waits for one on behalf of another. */
  readonly parts?: Parts | undefined;
  /** How many groups may be committed at once: more than one where the store writes while this process does something else. Default 1. */
  readonly groupsInFlight?: number;

  /**
   * One transaction for all batches, one answer each, in order. Batches succeed or fail alone.
   * @throws `STORE_UNKNOWN` where the fate of the transaction is unknown, `STORE_UNAVAILABLE` where it certainly did not happen.
   */
  commit(batches: readonly Batch[]): Promise<CommitAnswer[]>;

  /** Due runs that this holder may drive: tenants in turn, within a tenant workflows in turn, then priority, then age. */
  claim(request: ClaimRequest): Promise<ClaimedRun[]>;
  /** The same holder claims its own run again after an unknown fate: epoch + 1 where holder and epoch are still these. */
  reclaim(run: RunRef, holder: string, epoch: number): Promise<ClaimedRun | undefined>;
  /** The earliest due time among runs that nobody holds and that these workflows serve; undefined when there is none. */
  nextDueAt(serves: readonly Served[]): Promise<number | undefined>;
  /** What this holder holds, as the store sees it: to compare with memory. */
  heldBy(holder: string): Promise<readonly RunRow[]>;
  /**
   * Tasks that this holder may begin: tenants in turn, within a tenant priority, then age; none of a run that is parked or paused.
   * And tasks that a holder began who is gone (`claim` frees them): whoever takes one over records that the attempt was lost.
   */
  claimTasks(request: TaskClaimRequest): Promise<ClaimedTask[]>;
  /** The tasks of this holder, as the store sees them: one that is missing was withdrawn, or taken over. */
  heldTasks(holder: string): Promise<readonly ClaimedTask[]>;
  /** Gives all runs and tasks of a holder back without a strike (draining). */
  releaseAll(holder: string): Promise<void>;

  getRun(tenant: string, runId: string): Promise<RunRow | undefined>;
  /** Events of a run with `seq > afterSeq`, in order, at most `limit`. Blobs are resolved. @throws `STORE_CORRUPT` naming the event. */
  readEvents(run: RunRef, afterSeq: number, limit: number): Promise<StoredEvent[]>;
  /** Whether it holds no run, whoever's. */
  isEmpty(): Promise<boolean>;
  listRuns(filter: RunFilter): Promise<RunRow[]>;
  listWaits(filter: WaitFilter): Promise<WaitRow[]>;

  /** Registers definitions; answers the ones that exist with another digest (nothing is written then). */
  registerWorkflows(workflows: readonly NewWorkflow[]): Promise<readonly WorkflowRow[]>;
  getWorkflow(name: string, version?: string): Promise<WorkflowRow | undefined>;

  /** Takes the liveness lock of this engine and writes its worker row. */
  registerWorker(worker: NewWorker): Promise<void>;
  /** Writes one row; false where the row is gone (the worker was taken for dead). */
  beat(holder: string, draining: boolean): Promise<boolean>;
  retireWorker(holder: string): Promise<void>;
  /** Behind those that have a row, holders that have none and hold something: nobody else would find what they leave. */
  listWorkers(): Promise<WorkerRow[]>;
  /** Whether the process behind a holder is provably gone (its lock is free). */
  isProvablyDead(holder: string): Promise<boolean>;

  /**
   * Removes runs that ended before a time, with everything that is known of them: whole families (a run with its children and what
   * they went on as), and none of which a member lives or is younger. At most `limit` runs a call.
   */
  prune(request: PruneRequest): Promise<Pruned>;

  /** A number that is another one after a commit of another process; undefined where the store cannot tell. */
  changes(): Promise<number | undefined>;
  /** Calls the listener when another process may have changed something; returns how to stop. */
  watch(listener: ChangeListener): () => void;
  /**
   * Calls the listener when another history answers from here on (a standby that was promoted), which may lack what was answered
   * before; returns how to stop. Left out where that cannot be.
   */
  watchHistory?(listener: ChangeListener): () => void;
  close(): Promise<void>;
}

/** Limits that a store enforces, all in bytes. */
export interface StoreLimits {
  /** The largest payload; 16 MiB unless configured. */
  readonly payloadBytes: number;
  /** Payloads over this go to the blob table. */
  readonly inlineBytes: number;
}

export const DEFAULT_STORE_LIMITS: StoreLimits = {
  payloadBytes: 16 * 1_024 * 1_024,
  inlineBytes: 32 * 1_024,
};

/** A payload that stands in the blob table. */
export interface BlobRef {
  readonly digest: string;
  readonly bytes: number;
}

/** What a codec makes of an event: the columns of its row. */
export interface EncodedEvent {
  /** The number of the event type; see `codec/event-codes.ts`. */
  readonly type: number;
  readonly path: string | null;
  readonly actor: string | null;
  /** JSON of the data, without defaults; ordinary events of the most frequent types as a list. */
  readonly data: string;
  readonly payload: Payload | null;
  readonly blob: BlobRef | null;
}
