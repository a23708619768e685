/** What users hold in their hands: the engine, the handle of a run, and what they show. */
import type { GraphWorkflow } from '../graph/index.ts';
import type { AnyWorkflow, ParkReason, RunStatus, StepStatus, StoredEvent } from '../run/index.ts';
import type { Duration, Json, Logger, Platform } from '../std/index.ts';
import type { NamedFunction } from '../kinds/index.ts';
import type { AnyKind, Failure } from '../step/index.ts';
import type { Store } from '../store/index.ts';
import type { Workflow } from '../replay/index.ts';
import type { OutsideTasks } from './outside-api.ts';

export interface OpenOptions {
  /** `sqlite:PATH`, `sqlite::memory:`, `postgres://…`, or a store that is open already. */
  readonly store: string | Store;
  /** Workflows that this engine drives (with `worker: false`: that it can start and validate). */
  readonly workflows?: readonly AnyWorkflow[];
  /** What graphs call by name, as kind `function`. */
  readonly functions?: Readonly<Record<string, NamedFunction>>;
  /** Step kinds beside the built-in ones. */
  readonly kinds?: readonly AnyKind[];
  /** Tenant of everything that is done through this engine; `default`. */
  readonly tenant?: string;
  /** false: starts, signals and looks, but drives nothing. Default: drives when it has workflows. */
  readonly worker?: boolean | WorkerSettings;
  readonly limits?: { readonly payloadBytes?: number };
  /** Looks up secret references; default: the environment. */
  readonly secrets?: (name: string) => string | undefined;
  /** Where log lines go; default: warnings and errors to stderr as JSON lines (`PAWL_LOG` names another level). */
  readonly logger?: Logger;
  /** Clock, timers, ids, log; default: Node's. Tests bring their own. */
  readonly platform?: Platform;
}

export interface WorkerSettings {
  /** Attempts that execute at the same time; 100. */
  readonly slots?: number;
  /** Runs that are driven at the same time; 1,000. */
  readonly runs?: number;
  /**
   * Queues whose steps are executed here, `[]` for none; all when left out. What another queue is named for waits for a worker that
   * serves it. With queues an engine is a worker also without workflows.
   */
  readonly queues?: readonly string[];
  /** Runs that ended so long ago are removed, hour by hour, of every tenant; never when left out. */
  readonly retention?: Duration;
  /** How long a run that only waits stays in memory; 30 s. */
  readonly evictAfter?: Duration;
  /** How long a replay waits for a call that the log expects before it parks the run as diverged; 5 s. */
  readonly replayPatience?: Duration;
}

export interface StartOptions {
  /** The run's id; a UUIDv7 when left out. */
  readonly id?: string;
  /** A second start with this key gives the same run back. */
  readonly idempotencyKey?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Higher goes first; 0, from -100 to 100. */
  readonly priority?: number;
  /** Which version, where several are known; default: the one registered here, or the newest known to the store. */
  readonly version?: string;
  readonly trigger?: 'api' | 'cli' | 'schedule' | 'webhook';
  /** Who starts it. */
  readonly by?: string;
}

export interface ActOptions {
  /** The person or system that acts; decisions and answers need it. */
  readonly by?: string;
  /** A resend with the same id changes nothing, and is answered as the first one was. */
  readonly dedupeId?: string;
}

export interface AnswerOptions extends ActOptions {
  /** Of a step of unknown fate: the label that it ended with, where its kind has several. */
  readonly outcome?: string;
}

export interface ResumeOptions extends ActOptions {
  /** How many steps a graph may visit from here on, all in all (for runs that parked as `step_limit`). */
  readonly maxSteps?: number;
}

export interface DecisionOptions extends ActOptions {
  readonly comment?: string;
}

export interface EventsOptions {
  /** Events with a greater seq only. */
  readonly after?: number;
  /** Goes on until the run has ended. */
  readonly follow?: boolean;
  readonly signal?: AbortSignal;
}

export interface RunHandle<Output = unknown> {
  readonly id: string;
  /**
   * The output, as soon as the run is completed; follows continueAsNew.
   * @throws `RUN_FAILED` (with the recorded failure as cause) where it failed or was cancelled.
   */
  result(): Promise<Output>;
  status(): Promise<RunStatus>;
  events(options?: EventsOptions): AsyncIterable<StoredEvent>;
}

/** A step, wait or child of a run, as shown to people; times are RFC 3339, durations milliseconds. */
export interface StepView {
  readonly path: string;
  readonly kind: string;
  readonly label?: string;
  readonly status: StepStatus;
  readonly attempt: number;
  /** Where it is dispatched: the queue whose worker executes it; `pending` until one does. */
  readonly queue?: string;
  /** Who executes it, where that is not the worker that drives the run. */
  readonly workerId?: string;
  /** Its worker is gone, and nobody recorded how the attempt ended: it is tried again once a worker takes the run. */
  readonly isLost?: boolean;
  readonly outcome?: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly durationMs?: number;
  /** End of a sleep, deadline of a wait, or time of the next attempt. */
  readonly dueAt?: string;
  readonly message?: string;
  readonly by?: string;
  readonly childRunId?: string;
  readonly input?: Json;
  readonly output?: Json;
  readonly failure?: Failure;
  readonly usage?: UsageView;
  readonly after?: { readonly n: number; readonly since?: number };
}

export interface UsageView {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars as a decimal text. */
  readonly costUsd: string;
}

export interface RunSummary {
  readonly runId: string;
  readonly tenant: string;
  readonly workflow: string;
  readonly version: string;
  readonly status: RunStatus;
  readonly parkReason?: ParkReason;
  /** Of a run with the status `running`: no worker drives it at the moment, since its own died or gave it back. */
  readonly hasNoWorker?: true;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly dueAt?: string;
  readonly parentRunId?: string;
  readonly rootRunId: string;
  readonly lastSeq: number;
  readonly usage: UsageView;
}

/** Everything about a run, folded from its log. */
export interface RunView extends RunSummary {
  readonly input?: Json;
  readonly output?: Json;
  readonly failure?: Failure;
  readonly failedSteps?: readonly string[];
  readonly parked?: {
    readonly reason: ParkReason;
    readonly message: string;
    readonly path?: string;
    readonly detail?: Json;
  };
  readonly cancelRequested?: { readonly at: string; readonly by?: string; readonly reason?: string };
  readonly continuedTo?: string;
  /** What the workflow shows of itself (`ctx.set`). */
  readonly shown?: Json;
  readonly steps: readonly StepView[];
  /** Signals that came before anybody waited for them. */
  readonly bufferedSignals: readonly { readonly name: string; readonly count: number }[];
  readonly stepMs: number;
  readonly holder?: string;
}

export interface RunGraphOptions {
  /** The graph that it runs, where this engine was opened without it. @throws `OPTION_INVALID` where it runs another one */
  readonly workflow?: GraphWorkflow;
}

/** A run as a graph: its steps, and which of their ends each of them followed; function or graph, from its log. */
export interface RunGraph {
  readonly runId: string;
  readonly workflow: string;
  readonly version: string;
  readonly status: RunStatus;
  /** In the order in which they were called; declared steps that did not run stand behind them. */
  readonly nodes: readonly RunGraphNode[];
  readonly edges: readonly RunGraphEdge[];
  /** Paths that hold others and are no steps themselves: a `parallel`, a `race`, a `map`, their branches and items. */
  readonly scopes: readonly { readonly path: string; readonly name: string; readonly parent?: string }[];
  /** How many edges were left out, where there are more than 100,000. */
  readonly omittedEdges?: number;
}

/** A step, wait or child in the graph of a run; of a loop each visit is one. */
export interface RunGraphNode extends Omit<StepView, 'input' | 'output' | 'after' | 'startedAt'> {
  /** Without scope and visit: what the workflow calls it. */
  readonly name: string;
  /** The how-manyth of its name in its scope, from 1. Missing of a step that did not run. */
  readonly visit?: number;
  /** The scope, or the step, that it is inside of. */
  readonly parent?: string;
  /** 0 of a step that did not run. */
  readonly attempt: number;
  readonly startedAt?: string;
}

/** Paths of two nodes (or of a map in a graph, which is a scope): `to` was called after `from` had ended, and followed that. */
export interface RunGraphEdge {
  readonly from: string;
  readonly to: string;
  /** How `from` ended, unless it was `ok`. Of an edge that was not taken: the labels that it is declared for. */
  readonly label?: string;
  /** The graph declares it, and no path went along it: one of the two did not run (yet). */
  readonly isTaken?: false;
}

/** Two runs side by side: what they did, by path and content. */
export interface RunDiff {
  readonly isEqual: boolean;
  readonly a: RunDiffSide;
  readonly b: RunDiffSide;
  /** In the order in which things were called in `a`, at most 100. */
  readonly differences: readonly RunDifference[];
  /** How many there are in all. */
  readonly count: number;
}

export type RunDiffSide = Pick<RunSummary, 'runId' | 'workflow' | 'version' | 'status'>;

/** Something that is another one in `b` than in `a`; a side is missing where it has nothing of the kind. */
export interface RunDifference {
  /** The step, wait or child; missing for what belongs to the run. */
  readonly path?: string;
  /** What of it: `step` (it was called in one of the runs only), `order`, `outcome`, `output`, … */
  readonly field: string;
  /** Where in the value: `$.items[2].name`. */
  readonly at?: string;
  /** What is longer than 2,000 characters as JSON is cut to a text that ends with "…". */
  readonly a?: Json;
  readonly b?: Json;
}

export interface WaitView {
  readonly runId: string;
  readonly workflow: string;
  readonly path: string;
  readonly kind: 'sleep' | 'signal' | 'input' | 'approval';
  readonly message?: string;
  readonly openedAt: string;
  readonly dueAt?: string;
}

/** Why a run does not move, and the command that moves it. */
export interface Why {
  readonly runId: string;
  readonly status: RunStatus;
  /** One line a reason. */
  readonly reasons: readonly { readonly text: string; readonly command?: string }[];
}

export interface ListRunsOptions {
  readonly status?: readonly RunStatus[];
  readonly workflow?: string;
  readonly parentRunId?: string;
  readonly before?: string;
  /** 50; at most 1,000. */
  readonly limit?: number;
}

export interface WaitsOptions {
  readonly runId?: string;
  readonly kinds?: readonly WaitView['kind'][];
}

/** One open engine: the client API, and (unless told otherwise) a worker. */
export interface Engine {
  readonly id: string;
  readonly tenant: string;
  start<Input, Output, Given = Input>(
    workflow: Workflow<Input, Output, Given>,
    input: Given,
    options?: StartOptions,
  ): Promise<RunHandle<Output>>;
  start<Input, Output, Given = Input>(
    workflow: GraphWorkflow<Input, Output, Given>,
    input: Given,
    options?: StartOptions,
  ): Promise<RunHandle<Output>>;
  start(workflow: string, input?: unknown, options?: StartOptions): Promise<RunHandle>;
  /** The handle of a run that exists or will. */
  handle(runId: string): RunHandle;
  /** Sends a message to a run; kept until the run waits for it. @throws `RUN_NOT_FOUND`, `RUN_TERMINAL`, `VALUE_INVALID`, `ANSWER_INVALID` */
  signal(runId: string, name: string, payload?: unknown, options?: ActOptions): Promise<void>;
  /** Decides an approval; `path` may be left out where one is open. @throws `GATE_CLOSED`, `DECISION_LATE`, `GATE_AMBIGUOUS`, `PERSON_MISSING`, `NOT_AN_APPROVER` */
  approve(runId: string, path: string | undefined, options: DecisionOptions): Promise<void>;
  reject(runId: string, path: string | undefined, options: DecisionOptions): Promise<void>;
  /** Answers an input, or says what an `unknown_effect` step returned. @throws `ANSWER_INVALID`, `ANSWER_LABEL`, `GATE_CLOSED`, `PERSON_MISSING` */
  answer(runId: string, path: string | undefined, value: unknown, options: AnswerOptions): Promise<void>;
  cancel(runId: string, options?: ActOptions & { readonly reason?: string }): Promise<void>;
  pause(runId: string, options?: ActOptions): Promise<void>;
  /** @throws `RUN_NOT_PAUSED` */
  resume(runId: string, options?: ResumeOptions): Promise<void>;
  /** Gives a parked run new attempts; starts a new run for a failed or cancelled one, and returns its handle. */
  retry(runId: string, options?: ActOptions): Promise<RunHandle>;
  readonly runs: {
    /** @throws `RUN_NOT_FOUND` */
    get(runId: string): Promise<RunView>;
    list(options?: ListRunsOptions): Promise<readonly RunSummary[]>;
    /** The run as nodes and edges; where its graph is known here, with the steps that did not run. @throws `RUN_NOT_FOUND` */
    graph(runId: string, options?: RunGraphOptions): Promise<RunGraph>;
    /** Compares two runs by path and content: never by ids, times, attempts or workers. @throws `RUN_NOT_FOUND` */
    diff(a: string, b: string): Promise<RunDiff>;
  };
  /** Open waits, oldest first. */
  waits(options?: WaitsOptions): Promise<readonly WaitView[]>;
  why(runId: string): Promise<Why>;
  workers(): Promise<
    readonly {
      readonly id: string;
      readonly hostname: string;
      readonly pid: number;
      readonly draining: boolean;
      readonly serves: readonly string[];
      /** Queues whose steps it executes; missing: all. */
      readonly queues?: readonly string[] | undefined;
      /** Runs that it drives. */
      readonly held: number;
      /** Steps of other workers' runs that it executes. */
      readonly tasks: number;
      /** No process of Pawl: one claim of a worker in another language. */
      readonly isOutside?: boolean;
      readonly isAlive: boolean;
    }[]
  >;
  /**
   * Removes the runs of this tenant that ended so long ago, with all that is known of them; families of runs go together.
   * @returns how many. @throws `DURATION_INVALID`, `OPTION_INVALID`
   */
  prune(options: { readonly olderThan: Duration }): Promise<number>;
  /** For workers that are no process of Pawl. */
  readonly tasks: OutsideTasks;
  /** Stops claiming, lets attempts finish for at most `timeout` (10 s), gives its runs back, closes the store. */
  close(options?: { readonly timeout?: Duration }): Promise<void>;
}
