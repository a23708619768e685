/** What one commit carries for one run, and what the store answers. */
import type { NewEvent, RunRef, RunStatus } from '../run/index.ts';
import type { Usage } from '../step/index.ts';
import type { NewTask, TaskFence } from './tasks.ts';

/** The right to write a run: compared with its row at every commit. */
export interface Fence {
  /** Id of the engine that claimed the run. */
  readonly holder: string;
  /** Grows by one at every claim. */
  readonly epoch: number;
  /** The last seq that the holder has read: a row that is behind it was set back, and refuses. */
  readonly readSeq: number;
}

/** The batch of an outsider (start, signal, decision, cancel): an arrival. */
export const EXTERNAL = 'external';

/** A run to be created in the same transaction; `events` begins with its `run.created`. */
export interface NewRun {
  readonly tenant: string;
  readonly runId: string;
  readonly workflow: string;
  readonly version: string;
  readonly priority: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly rootRunId: string;
  readonly parentRunId?: string | undefined;
  readonly parentPath?: string | undefined;
  readonly depth: number;
  readonly events: readonly NewEvent[];
  /** Who holds it from the first moment (epoch 1); null: it is queued and due at once. */
  readonly holder: string | null;
  /** A start with this key gives the same run again. */
  readonly idempotencyKey?: string | undefined;
  readonly inputDigest?: string | undefined;
  /** When the run as a whole must have ended, ms since 1970. */
  readonly deadlineAt?: number | undefined;
}

/** Events for another run, in the same transaction: a child's end, a cancel handed down. */
export interface Arrival {
  readonly run: RunRef;
  readonly events: readonly NewEvent[];
  readonly dedupeId?: string | undefined;
  /** What must hold, else this arrival alone is left out (the batch stands). */
  readonly requires?: Requirement | undefined;
}

export interface Requirement {
  /** Path of a wait that must still be open, its deadline not passed. */
  readonly openWait?: string | undefined;
  readonly status?: readonly RunStatus[] | undefined;
  /** The task must still be there, in this attempt and with this holder and epoch. */
  readonly task?: TaskFence | undefined;
  /** The row must not be held and must stand at this seq (a cancel that is complete in itself). */
  readonly unheldAt?: number | undefined;
}

/** What applies only if nothing arrived that the driver has not seen. */
export interface Conclusion {
  /** The last seq that the driver has taken in. */
  readonly seenSeq: number;
  readonly events: readonly NewEvent[];
  /** The run's next due time: ms since 1970, or null for none. Left out: unchanged. */
  readonly dueAt?: number | null | undefined;
  /** Gives the run back: it has no holder afterwards. */
  readonly release?: boolean | undefined;
  readonly creates?: readonly NewRun[] | undefined;
  readonly arrivals?: readonly Arrival[] | undefined;
  /** What the attempts used that it ends. */
  readonly ledger?: readonly LedgerEntry[] | undefined;
}

/** Usage of one attempt, for the ledger: append-only, its sums are what budgets are judged by. */
export interface LedgerEntry {
  readonly path: string;
  readonly attempt: number;
  readonly usage: Usage;
}

export interface Batch {
  readonly run: RunRef;
  readonly fence: Fence | typeof EXTERNAL;
  /** External batches: made before the first send, so that a resend gets the first answer. */
  readonly dedupeId?: string | undefined;
  /** External: sending it again is harmless without a dedupe id (a start whose id nobody else can have). */
  readonly isIdempotent?: boolean | undefined;
  readonly requires?: Requirement | undefined;
  /** Facts: they stand whatever else arrived. */
  readonly events: readonly NewEvent[];
  readonly conclusion?: Conclusion | undefined;
  readonly creates?: readonly NewRun[] | undefined;
  readonly arrivals?: readonly Arrival[] | undefined;
  readonly ledger?: readonly LedgerEntry[] | undefined;
  /** Attempts that its events schedule for workers of their queues. */
  readonly tasks?: readonly NewTask[] | undefined;
  /** External only: the run is made due (and by cancel or an operator even where an ordinary arrival would not do it). */
  readonly wakes?: 'arrival' | 'always' | undefined;
}

/** A run that a commit created. */
export interface CreatedRun {
  readonly run: RunRef;
  readonly epoch: number;
  readonly lastSeq: number;
  /** False where the idempotency key gave an earlier run back: `run` then names that one. */
  readonly isNew: boolean;
  /** Where not new: digest of the earlier input. */
  readonly inputDigest?: string | undefined;
}

/** Facts (and the conclusion, if any) are durable; `firstSeq` is the seq of the first fact, `at` the store's clock. */
export interface Committed {
  readonly type: 'committed';
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly at: number;
  readonly status: RunStatus;
  readonly created: readonly CreatedRun[];
  /** Runs other than the batch's own that gained events: they may have become due. */
  readonly touched: readonly RunRef[];
}

/** The facts are durable, the conclusion was not applied: something arrived up to `seq`. */
export interface Behind {
  readonly type: 'behind';
  readonly firstSeq: number;
  /** Last seq of the facts; `firstSeq - 1` when there were none. */
  readonly lastSeq: number;
  readonly seq: number;
  readonly at: number;
  readonly created: readonly CreatedRun[];
  readonly touched: readonly RunRef[];
}

export interface Refused {
  readonly type: 'refused';
  readonly reason: 'lease_lost' | 'run_terminal' | 'conflict' | 'refused' | 'not_found';
  /** What exactly, for the message: the status found, the wait that is closed, the store's own words. */
  readonly detail: string;
  /** Set where the deadline of the required wait has passed. */
  readonly isLate?: boolean | undefined;
}

export type CommitAnswer = Committed | Behind | Refused;
