/** An execution: one attempt of one step on its way through guard, execute, account and commit. */
import type { NewEvent, StepSpec } from '../run/index.ts';
import type { Payload, Platform } from '../std/index.ts';
import type { AnyKind, Failure, RetryPolicy, Usage } from '../step/index.ts';
import type { Secrets } from './secrets.ts';
import type { Stop } from './stop.ts';

/** How an attempt ended, before it is accounted for. */
export type AttemptEnd =
  | { readonly ok: true; readonly outcome: string; readonly value: unknown }
  | { readonly ok: false; readonly failure: Failure };

/** What is recorded of the end of an attempt. */
export type EndOfAttempt = Extract<NewEvent, { type: 'step.completed' | 'step.retried' | 'step.failed' }>;

/** What the pipeline takes from its surroundings. */
export interface PipelineHost {
  readonly platform: Platform;
  readonly secrets: Secrets;
  readonly workerId: string;
  readonly payloadBytes: number;
}

export interface Execution {
  readonly host: PipelineHost;
  readonly runId: string;
  readonly tenant: string;
  readonly spec: StepSpec;
  readonly kind: AnyKind;
  readonly retry: RetryPolicy;
  readonly attempt: number;
  /** Attempts that ended and counted before this one. */
  readonly used: number;
  readonly timeoutMs: number | undefined;
  /** When the step with all its attempts must have ended; ms since 1970. */
  readonly deadlineAt: number | undefined;
  readonly stop: Stop;
  /** Records the start; resolves when the attempt may fire. */
  readonly begin: (execution: Execution) => Promise<void> | undefined;
  /** Records progress. */
  readonly progress: (payload: Payload) => void;
  /** Writes the end: hands the event to the run's outbox. */
  readonly write: (execution: Execution) => void;
  /** The parsed input of the kind. */
  input: unknown;
  /** When it last gave a sign of life (monotonic), where that is asked of it. */
  signAt?: number;
  startedAt: number;
  endedAt: number;
  usage: Usage;
  /** Its start is in the outbox or in the log. */
  hasBegun: boolean;
  end?: AttemptEnd;
  /** What is recorded of the end; none where the attempt was cancelled meanwhile. */
  event?: EndOfAttempt;
  /** What is recorded where an attempt of unknown fate turns out not to have happened. */
  instead?: Execution['event'];
  /** The run parks after this attempt. */
  parks?: 'retries_exhausted' | 'unknown_effect' | 'poisoned';
}
