/** Tasks: attempts of steps that wait for a worker of their queue, or are with one. */
import type { RunRef, StepPath } from '../run/index.ts';

/** A task to be created in the transaction of its `step.scheduled`. An end of the attempt, or of the run, removes it. */
export interface NewTask {
  readonly path: StepPath;
  readonly attempt: number;
  /** What its worker must have: a kind, or what a kind calls by name (`function:charge`). */
  readonly kind: string;
  readonly queue: string;
  /** The higher goes first, within a tenant. */
  readonly priority: number;
  /** What its worker must know; the store does not look into it. */
  readonly order: string;
}

/** The right to a task: compared with its row before anything about its attempt is taken. */
export interface TaskFence {
  readonly path: StepPath;
  readonly attempt: number;
  readonly holder: string;
  /** Grows by one at every claim of the task. */
  readonly epoch: number;
}

export interface TaskClaimRequest {
  readonly holder: string;
  /** Undefined: whatever the queue. */
  readonly queues: readonly string[] | undefined;
  /** What the worker has, in the words of `kind`. */
  readonly kinds: readonly string[];
  /** Tasks to begin; those that were begun by a holder that is gone are taken beyond it. */
  readonly limit: number;
  /** Nothing that was begun by a holder that is gone: whoever claims cannot record that. */
  readonly isFreshOnly?: boolean;
}

export interface ClaimedTask {
  readonly run: RunRef & { readonly num: number };
  readonly path: StepPath;
  readonly attempt: number;
  readonly kind: string;
  readonly queue: string;
  readonly order: string;
  readonly epoch: number;
  /** Its attempt has begun: where it was just claimed, its former holder is gone and nobody knows how the attempt ended. */
  readonly hasBegun: boolean;
  /** Who had it before. */
  readonly formerHolder?: string | undefined;
}
