/** The folded state of a run: what `fold` makes of its events, and nobody else. */
import type { Payload } from '../std/index.ts';
import type { Usage } from '../step/index.ts';
import type { After, EventData } from './events.ts';
import type { StepPath } from './path.ts';
import type { ParkReason, RunStatus, StepStatus } from './status.ts';

export type MarkerKind = EventData<'marker.recorded'>['kind'];

/** A step, from its first event on. */
export interface StepState {
  readonly path: StepPath;
  readonly kind: string;
  status: StepStatus;
  /** The latest attempt, from 1. */
  attempt: number;
  /** Attempts that ended and counted toward the retry policy. */
  used: number;
  readonly label?: string | undefined;
  readonly after?: After | undefined;
  /** Digest of the input where it is part of the replay check. */
  readonly check?: string | undefined;
  readonly input?: Payload | undefined;
  readonly firstSeq: number;
  /** Start of the first attempt, or when it was scheduled as a task, or given new attempts: the deadline of the step counts from here. */
  firstStartedAt: number;
  /** Start of the latest attempt. */
  startedAt: number;
  workerId?: string | undefined;
  /** Where its attempts are tasks: the queue in which the latest one was scheduled. */
  queue?: string | undefined;
  /** Of those: what their worker must have, where that is more than the kind. */
  needs?: string | undefined;
  /** How many attempts in a row were lost with the workers that had taken them as tasks. */
  lost?: number;
  endedAt?: number;
  durationMs?: number;
  /** When the next attempt is due; null: not before an operator asks. Set between attempts only. */
  dueAt?: number | null;
  /** Held because nobody knows whether its effect happened: only a word about this very step moves it. */
  isUnknown?: boolean;
  outcome?: string;
  output?: Payload;
  /** The latest failure, of the step or of its last attempt. */
  failure?: Payload;
  usage: Usage;
}

/** An open or closed question to the outside. */
export interface WaitState {
  readonly path: StepPath;
  readonly kind: 'sleep' | 'signal' | 'input' | 'approval';
  /** The name that signals are matched by. */
  readonly name: string;
  status: 'open' | 'resolved' | 'expired' | 'cancelled';
  readonly label?: string | undefined;
  readonly after?: After | undefined;
  readonly openedAt: number;
  readonly firstSeq: number;
  /** End of a sleep, or deadline. */
  readonly dueAt?: number | undefined;
  readonly message?: string | undefined;
  readonly approvers?: readonly string[] | undefined;
  readonly onTimeout?: 'expire' | 'approve' | 'reject' | undefined;
  readonly schema?: unknown;
  readonly payload?: Payload | undefined;
  outcome?: string;
  value?: Payload;
  by?: string | undefined;
  comment?: string | undefined;
  endedAt?: number;
  /** The signal that closed it, and which delivery that was, counted from 1. */
  given?: { readonly signal: BufferedSignal; readonly deliveredAs: number };
}

export interface ChildState {
  readonly path: StepPath;
  readonly childRunId: string;
  readonly workflow: string;
  readonly version: string;
  readonly label?: string | undefined;
  readonly after?: After | undefined;
  readonly startedAt: number;
  readonly firstSeq: number;
  status: 'running' | 'completed' | 'failed' | 'cancelled';
  endedAt?: number;
  durationMs?: number;
  result?: Payload;
  usage?: Usage;
}

/** A signal that nobody waited for when it came. */
export interface BufferedSignal {
  readonly seq: number;
  readonly at: number;
  readonly payload: Payload;
  readonly actor?: string | undefined;
}

export interface RunState {
  readonly runId: string;
  readonly tenant: string;
  status: RunStatus;
  lastSeq: number;
  /** The store's clock at the last event. */
  lastAt: number;
  created: EventData<'run.created'> & { readonly at: number; readonly actor?: string | undefined };
  /** The input as the function gets it. */
  input: Payload;
  startedAt?: number;
  endedAt?: number;
  parked?: {
    readonly reason: ParkReason;
    readonly message: string;
    readonly path?: string | undefined;
    readonly detail?: Payload | undefined;
    readonly at: number;
  };
  cancelRequested?: {
    readonly at: number;
    readonly actor?: string | undefined;
    readonly reason?: string | undefined;
  };
  pausedAt?: number;
  /** Of a graph's visits, where an operator set it. */
  maxSteps?: number;
  output?: Payload;
  failure?: Payload;
  failedSteps?: readonly string[];
  continuedTo?: string;
  /** Steps by path: all of them, or in a state without history the open ones only. */
  readonly steps: Map<StepPath, StepState>;
  readonly waits: Map<StepPath, WaitState>;
  readonly children: Map<StepPath, ChildState>;
  /** Paths of open signal waits by signal name, oldest first. */
  readonly openSignals: Map<string, StepPath[]>;
  readonly signals: Map<string, BufferedSignal[]>;
  /** Without history: waits that may give their signal back, in the order in which they got it. */
  readonly returnable: StepPath[];
  readonly markers: Map<
    StepPath,
    { readonly kind: MarkerKind; readonly at: number; readonly digest?: string | undefined }
  >;
  /** What the run shows of itself (`ctx.set`). */
  shown?: Payload;
  shownCount: number;
  usage: Usage;
  /** Sum of the durations of attempts, in milliseconds. */
  stepMs: number;
  /** How many steps, waits and children were opened. */
  calls: number;
  /** How many ends of steps, waits and children were handed to the driver. */
  deliveries: number;
  /** Whether closed steps, waits and children are kept. */
  readonly keepsHistory: boolean;
}

export interface StateOptions {
  /** false: closed steps, waits and children are forgotten (what a worker needs). */
  readonly history: boolean;
}

/** Whether a step has not ended. */
export function isOpenStep(step: StepState): boolean {
  return step.status === 'running' || step.status === 'waiting' || step.status === 'pending';
}
