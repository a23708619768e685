/** What the store knows of a run without its log: rows that answer lists and claims. */
import type { ParkReason, RunRef, RunStatus } from '../run/index.ts';
import type { Usage } from '../step/index.ts';

/** One run in a list; projected from its events in the commit that wrote them. */
export interface RunRow {
  readonly run: RunRef & { readonly num: number };
  readonly workflow: string;
  readonly version: string;
  readonly status: RunStatus;
  readonly parkReason?: ParkReason | undefined;
  readonly priority: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /** The store's clock at its latest event. */
  readonly updatedAt: number;
  readonly dueAt: number | null;
  readonly deadlineAt?: number | undefined;
  readonly holder: string | null;
  readonly epoch: number;
  readonly strikes: number;
  readonly lastSeq: number;
  /** Seq of the latest arrival: what conclusions are compared with. */
  readonly arrivedSeq: number;
  readonly rootRunId: string;
  readonly parentRunId?: string | undefined;
  readonly parentPath?: string | undefined;
  readonly depth: number;
  /** Event format of its log. */
  readonly format: number;
  readonly usage: Usage;
}

/** An open wait, projected from the log. */
export interface WaitRow {
  readonly run: RunRef;
  readonly workflow: string;
  readonly path: string;
  readonly kind: 'sleep' | 'signal' | 'input' | 'approval';
  readonly name: string;
  readonly message?: string | undefined;
  /** Seq of the event that opened it. */
  readonly openedSeq: number;
  readonly openedAt: number;
  readonly dueAt?: number | undefined;
}

export interface RunFilter {
  readonly tenant: string;
  readonly status?: readonly RunStatus[] | undefined;
  readonly workflow?: string | undefined;
  readonly parentRunId?: string | undefined;
  /** Keyset paging: runs created before this one. */
  readonly before?: string | undefined;
  /** Keyset paging over several stores: the newest run that was created before this time (ms), and the runs created before that one. */
  readonly createdBefore?: number | undefined;
  /** At most 1,000. */
  readonly limit: number;
}

export interface WaitFilter {
  readonly tenant: string;
  readonly runId?: string | undefined;
  readonly kinds?: readonly WaitRow['kind'][] | undefined;
  readonly limit: number;
}

/** A registered workflow definition; immutable a tenant, name and version. */
export interface WorkflowRow {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  /** JSON Schema of the input, where the workflow offers one. */
  readonly inputSchema?: unknown;
  /** Whether a cancel of its runs has an `onCancel` to run; undefined where nobody has recorded it. */
  readonly hasOnCancel?: boolean;
}

/** A definition as it is registered. */
export interface NewWorkflow extends WorkflowRow {
  /** Other versions whose runs it may go on with: its `onCancel` is theirs too. */
  readonly compatible?: readonly string[];
}

/** A live or lately live engine. */
export interface WorkerRow {
  /** The holder id. */
  readonly id: string;
  readonly hostname: string;
  readonly pid: number;
  readonly startedAt: number;
  /** Wall clock of its last heartbeat; only its change is judged, never its value. */
  readonly beatAt: number;
  readonly draining: boolean;
  /** `name@version` of the workflows that it serves. */
  readonly serves: readonly string[];
  /** The queues that it serves; undefined: all. */
  readonly queues?: readonly string[] | undefined;
  /** A worker outside, in another language: it drives nothing, holds one task at a time, and is judged by its silence alone. */
  readonly isOutside?: boolean;
  /** How many runs name it as their holder. */
  readonly held: number;
  /** How many tasks name it as their holder. */
  readonly tasks: number;
  /** It has no row: taken for dead, it took what it holds before it noticed. */
  readonly isForgotten?: true;
}

/** What an engine says of itself. */
export type NewWorker = Omit<WorkerRow, 'held' | 'tasks' | 'beatAt' | 'draining' | 'isForgotten'>;
