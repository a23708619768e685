/** A step that a session has to bring to its end: what is asked, where it stands, how to stop it. */
import { CLOSURE_KIND, type StepSpec, type StepState } from '../run/index.ts';
import { parseDuration, type StopTimer } from '../std/index.ts';
import {
  type AnyKind,
  DEFAULT_RETRY,
  NO_USAGE,
  parseRetry,
  type RetryPolicy,
  type Usage,
} from '../step/index.ts';
import type { Execution } from './execution.ts';

/**
 * *blocked* (what it depends on is not durable) → *queued* (waits for a slot) → *running* → *delayed* (its next attempt is due
 * later) → *queued* …; *away*: its attempt is a task, and the log will say what becomes of it; *held*: no attempt before an operator
 * asks for one.
 */
export type OpenStepStatus = 'blocked' | 'queued' | 'running' | 'delayed' | 'away' | 'held';

export interface OpenStep {
  /** As the present life of the function asks for it. */
  spec: StepSpec;
  readonly kind: AnyKind;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number | undefined;
  status: OpenStepStatus;
  /** The attempt that runs or comes next, from 1. */
  attempt: number;
  /** Attempts that ended and counted. */
  used: number;
  /** First start of the step, ms since 1970: its deadline counts from here. */
  firstStartedAt: number | undefined;
  /** Of the next attempt; of one that is away: the deadline of the step, or never. */
  dueAt: number;
  /** Its attempts are tasks for other workers. */
  readonly isDispatched: boolean;
  /** The last outcome that was handed to the driver before the step was called: durable before it fires. */
  barrier: number;
  /** Sums over its attempts so far. */
  usage: Usage;
  durationMs: number;
  /** A former holder died in an attempt whose fate is unknown (at-most-once steps). */
  needsReconcile: boolean;
  /** `reconcile` was asked about it in this life of the function. */
  hasAsked?: boolean;
  /** Why the run parks because of it, once it is held. */
  parks?: Execution['parks'];
  /** What may be recorded of an attempt whose fate `reconcile` is asked about. */
  unknown?: { readonly held: NonNullable<Execution['event']>; readonly didNotHappen: Execution['event'] };
  execution?: Execution | undefined;
  stopWaiting?: StopTimer;
  /** An at-most-once attempt that fires only when its start is durable. */
  awaitsStart?: boolean;
  /** It survived a change of epoch and was not asked for again yet: what it follows may not be in the log. */
  isDetached?: boolean;
  /** It gave its place back until its next attempt. */
  isResting?: boolean;
  /** Its scope was sealed or the run cancelled: whatever it still does is void. */
  isCancelled: boolean;
}

export interface OpenStepSetup {
  readonly kind: AnyKind;
  readonly barrier: number;
  readonly known: StepState | undefined;
  readonly isDispatched?: boolean;
}

export function openStep(spec: StepSpec, setup: OpenStepSetup): OpenStep {
  const { kind, known, barrier, isDispatched = false } = setup;
  const where = `kind "${kind.name}"`;
  return {
    spec,
    kind,
    retry: spec.retry ?? (kind.retry === undefined ? DEFAULT_RETRY : parseRetry(kind.retry, where)),
    timeoutMs:
      spec.timeoutMs ?? (kind.timeout === undefined ? undefined : parseDuration(kind.timeout, where)),
    status: 'blocked',
    attempt: known ? known.attempt + 1 : 1,
    used: known?.used ?? 0,
    firstStartedAt: known?.firstStartedAt,
    dueAt: known?.dueAt ?? 0,
    isDispatched,
    barrier,
    usage: known?.usage ?? NO_USAGE,
    durationMs: known?.durationMs ?? 0,
    needsReconcile: false,
    isCancelled: false,
  };
}

/** The kind of functions in the code of the workflow. */
export const CLOSURE: AnyKind = {
  name: CLOSURE_KIND,
  execute: () => Promise.reject(new Error('a closure step brings its own function')),
};
