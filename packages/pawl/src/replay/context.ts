/** `ctx`: what a workflow function can ask for. Each call is durable: its outcome is recorded once and returned for ever. */
import type { Duration, Json, RunLog, Schema } from '../std/index.ts';
import type { Retry, SecretRef, UsageReport } from '../step/index.ts';

/** What the function of a step gets. */
export interface StepTools {
  /** This try of the step, from 1. */
  readonly attempt: number;
  /** The same for every attempt: send it to whoever can recognize a repetition. */
  readonly idempotencyKey: string;
  /** Aborted on timeout, cancel, pause of the process and loss of the lease. */
  readonly signal: AbortSignal;
  readonly report: (usage: UsageReport) => void;
  readonly progress: (data: Json) => void;
  /** A sign of life, for steps with a `heartbeat`: it costs nothing, and nothing is recorded. `progress` is one too. */
  readonly heartbeat: () => void;
  readonly log: RunLog;
}

export interface CallOptions {
  /** Shown to people instead of the name. */
  readonly label?: string;
  readonly retry?: Retry;
  /** Of one attempt. */
  readonly timeout?: Duration;
  /** Of the step with all its attempts. */
  readonly deadline?: Duration;
  /** An attempt that gives no sign of life (`heartbeat`, `progress`) for so long has timed out. */
  readonly heartbeat?: Duration;
  /** Recorded with the step. */
  readonly input?: unknown;
  /** The digest of `input` is part of the replay check. */
  readonly check?: boolean;
  /** May safely run again: its outcome is written behind. */
  readonly repeatable?: boolean;
  /** Never fires twice: where its fate is unknown, `reconcile` decides or the run parks. */
  readonly atMostOnce?: boolean;
  /** Finds out whether an `atMostOnce` step happened; undefined: still unknown. */
  readonly reconcile?: (context: {
    readonly idempotencyKey: string;
    readonly attempt: number;
    readonly signal: AbortSignal;
  }) => Promise<Reconciled | undefined> | Reconciled | undefined;
}

/** Of calls that name a kind: they may be executed by another worker than the one that drives the run. */
export interface KindCallOptions extends CallOptions {
  /** Where the step waits for a worker that serves this queue, unless the one that drives the run does; default: that of its kind. */
  readonly queue?: string;
  /** It waits for a worker of its queue in any case, which may be the one that drives the run. */
  readonly dispatch?: boolean;
}

/** What `reconcile` found: the step happened (with this output), or it did not (and may be tried again). */
export type Reconciled =
  | { readonly happened: true; readonly output?: unknown }
  | { readonly happened: false };

export interface ShellOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | SecretRef>>;
  /** Start from an empty environment. */
  readonly cleanEnv?: boolean;
  readonly stdin?: string;
  /** Exit codes that are data; true: all of them. */
  readonly allowExit?: readonly number[] | true;
}

export interface ShellOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly truncated: boolean;
}

/** A value of a query or a form. */
export type HttpScalar = string | number | boolean | SecretRef;

export interface HttpRequest {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | SecretRef>>;
  readonly query?: Readonly<Record<string, HttpScalar | readonly HttpScalar[]>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, HttpScalar | readonly HttpScalar[]>>;
  readonly body?: string;
  /** Statuses that are data; true: all of them. */
  readonly allowStatus?: readonly number[] | true;
  /** Allows loopback and private addresses. */
  readonly allowPrivate?: boolean;
  readonly maxBodyBytes?: number;
}

export interface HttpOutput {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
  readonly encoding?: 'base64';
}

export interface ApprovalRequest {
  readonly message: string;
  /** What is approved; shown to whoever decides. */
  readonly args?: unknown;
  readonly approvers?: readonly string[];
  /** Decided later than this: expired. */
  readonly deadline?: Duration;
  /** What the deadline means; `expire` when left out. */
  readonly onTimeout?: 'expire' | 'approve' | 'reject';
  /** `return`: rejection and expiry are values instead of failures of class `denied`. */
  readonly onRejected?: 'throw' | 'return';
  readonly label?: string;
}

export interface ApprovalDecision {
  readonly decision: 'approved' | 'rejected' | 'expired';
  readonly by?: string;
  /** RFC 3339. */
  readonly at: string;
  readonly comment?: string;
}

export interface InputOptions {
  readonly message?: string;
  readonly deadline?: Duration;
  readonly label?: string;
}

export interface SignalOptions {
  /** At this time without a signal the call gives `undefined`. */
  readonly timeout?: Duration;
  readonly label?: string;
}

export interface MapOptions<Item> {
  /** Items at the same time; 16. */
  readonly concurrency?: number;
  /** So many items must succeed; failed ones are then `undefined` in the results. Default: all. */
  readonly minSuccess?: number;
  /** Names an item instead of its index; unique in the list. */
  readonly key?: (item: Item, index: number) => string;
}

export interface ParallelOptions {
  readonly concurrency?: number;
  /** true (default): the first failure cancels the others and is thrown. false: settled results, failures as values. */
  readonly failFast?: boolean;
}

/** A branch's result where `failFast` is off. */
export type Settled<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Error };

/** Sums over what was delivered so far, children included; durations in milliseconds. */
export interface RunUsage {
  readonly costUsd: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly stepMs: number;
  readonly wallMs: number;
  readonly steps: number;
}

/** A branch of a scope: its calls have their own names, and can be sealed together. */
export type Branch<T> = (c: WorkflowContext) => Promise<T> | T;

/** What `ctx.workflow` needs of a workflow; functions and graphs are such. */
export interface ChildWorkflow<Input, Output, Given = Input> {
  readonly name: string;
  readonly version: string;
  /** Of a function. */
  readonly run?: (ctx: never, input: Input) => Promise<Output> | Output;
  /** Of a graph, for the compiler alone. */
  readonly types?: { readonly output: Output };
  readonly inputSchema: Schema<Input, Given> | undefined;
}

export interface WorkflowContext {
  /** Runs `fn` once and records what it returns. */
  step<T>(name: string, fn: (tools: StepTools) => Promise<T> | T, options?: CallOptions): Promise<T>;
  /** Runs a command; a non-zero exit throws unless `allowExit` says that it is data. */
  shell(
    name: string,
    command: string | readonly string[],
    options?: ShellOptions & KindCallOptions,
  ): Promise<ShellOutput>;
  /** Sends a request; a non-2xx answer throws unless `allowStatus` says that it is data. */
  http(name: string, request: HttpRequest, options?: KindCallOptions): Promise<HttpOutput>;
  /** A step of a registered kind. */
  operation<T = Json>(name: string, kind: string, input?: unknown, options?: KindCallOptions): Promise<T>;
  /** Runs another workflow as a child; its failure is thrown with `childRunId` in its data. */
  workflow<Input, Output, Given = Input>(
    child: ChildWorkflow<Input, Output, Given> | string,
    input: Given,
    options?: { readonly name?: string; readonly label?: string },
  ): Promise<Output>;
  /** Asks a person to decide. @throws a failure of class `denied` when rejected or expired, unless `onRejected: 'return'` */
  approval(name: string, request: ApprovalRequest): Promise<ApprovalDecision>;
  /** Asks for a value that fits the schema. @throws `INPUT_EXPIRED` */
  input<T>(name: string, schema?: Schema<T>, options?: InputOptions): Promise<T>;
  /** The next message of this name, or `undefined` at the timeout. */
  signal<T = Json>(name: string, schema?: Schema<T>, options?: SignalOptions): Promise<T | undefined>;
  sleep(name: string, until: Duration | Date): Promise<void>;
  /** One scope an item; results in item order. */
  map<Item, T>(
    name: string,
    items: readonly Item[],
    fn: (item: Item, c: WorkflowContext, index: number) => Promise<T> | T,
    options?: MapOptions<Item>,
  ): Promise<T[]>;
  parallel<T extends Record<string, unknown>>(
    name: string,
    branches: { readonly [Key in keyof T]: Branch<T[Key]> },
    options?: ParallelOptions & { readonly failFast?: true },
  ): Promise<T>;
  parallel<T extends Record<string, unknown>>(
    name: string,
    branches: { readonly [Key in keyof T]: Branch<T[Key]> },
    options: ParallelOptions & { readonly failFast: false },
  ): Promise<{ [Key in keyof T]: Settled<T[Key]> }>;
  /** The first branch to settle wins; the others are cancelled, their waits too. */
  race<T extends Record<string, unknown>>(
    name: string,
    branches: { readonly [Key in keyof T]: Branch<T[Key]> },
  ): Promise<{ [Key in keyof T]: { readonly winner: Key; readonly value: T[Key] } }[keyof T]>;
  /** The time of what the function has seen so far, never the machine's clock. */
  now(): Date;
  /** A number in [0, 1), the same at every replay. */
  random(): number;
  /** A UUIDv4, the same at every replay. */
  uuid(): string;
  /** Whether this run takes the changed path of the code; the first answer holds for the run. */
  patched(id: string): boolean;
  /** What people see of this run; replaces what was set before. */
  set(state: Json): void;
  /** Ends this run and goes on as a new one with this input; never returns. */
  continueAsNew(input: unknown): Promise<never>;
  readonly log: RunLog;
  readonly runId: string;
  readonly rootRunId: string;
  readonly workflowName: string;
  readonly workflowVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly trigger: { readonly kind: string; readonly ref?: string | undefined };
  /** Aborted when the run is cancelled. */
  readonly abortSignal: AbortSignal;
  readonly usage: RunUsage;
}
