/** `engine.tasks`: what a worker outside is given, and what it says. */
import type { Duration, Json } from '../std/index.ts';
import type { FailureClass, UsageReport } from '../step/index.ts';

/** An attempt of a step in the hands of a worker outside: it has begun, and counts as lost after 30 s without a heartbeat. */
export interface TaskOffer {
  /** Shown with everything that is said about the attempt: the fence. */
  readonly token: string;
  readonly runId: string;
  readonly path: string;
  readonly kind: string;
  /** What of a kind with many targets is called: the name of the function, of `function`. */
  readonly target?: string;
  readonly input: Json;
  /** This try of the step, from 1. */
  readonly attempt: number;
  /** The same for every attempt: send it to whoever can recognize a repetition. */
  readonly idempotencyKey: string;
  /** Of this attempt. */
  readonly timeoutMs?: number;
  /** When the step with all its attempts must have ended. */
  readonly deadlineAt?: string;
}

export interface OutsideFailure {
  readonly message: string;
  /** `retryable` when left out; the policy of the step decides. */
  readonly class?: Exclude<FailureClass, 'lost' | 'cancelled'>;
  readonly code?: string;
  readonly name?: string;
  readonly data?: Json;
  readonly retryAfterMs?: number;
}

/** Attempts of steps for workers that are no process of Pawl: in other languages, behind a door (`pawl/http`). */
export interface OutsideTasks {
  /**
   * One attempt that nobody has begun: it begins with this answer. `kinds`: what the worker has (`render`, `function:charge`);
   * `queues`: all when left out; `wait`: how long to wait for one, at most 20 s. @throws `OPTION_INVALID`
   */
  claim(options: {
    readonly worker: string;
    readonly kinds: readonly string[];
    readonly queues?: readonly string[];
    readonly wait?: Duration;
    readonly signal?: AbortSignal;
  }): Promise<TaskOffer | undefined>;
  /** A sign of life; waits for at most `wait`, and answers at once when the attempt was cancelled, timed out or taken over. @throws `TASK_TOKEN_INVALID` */
  heartbeat(
    token: string,
    options?: { readonly wait?: Duration; readonly signal?: AbortSignal },
  ): Promise<{ readonly isCancelled: boolean }>;
  /** Records the outcome; a resend changes nothing. @throws `TASK_LOST`, `TASK_TOKEN_INVALID` */
  complete(
    token: string,
    output: unknown,
    options?: { readonly outcome?: string; readonly usage?: UsageReport },
  ): Promise<void>;
  /** Records the failure; whether there is another attempt is the policy's. @throws `TASK_LOST`, `TASK_TOKEN_INVALID`, `OPTION_INVALID` */
  fail(token: string, failure: OutsideFailure, options?: { readonly usage?: UsageReport }): Promise<void>;
}
