/** Commands: what a driver wants next, whatever the workflow was written as. */
import type { Payload } from '../std/index.ts';
import type { Failure, RetryPolicy, StepContext } from '../step/index.ts';
import type { After, EventData } from './events.ts';
import type { StepPath } from './path.ts';

/** What `reconcile` found out about a step that may or may not have happened. */
export type Reconciliation =
  | { readonly happened: true; readonly output?: unknown }
  | { readonly happened: false };

export interface ReconcileContext {
  readonly idempotencyKey: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** A step to be run: everything that the pipeline needs to know. */
export interface StepSpec {
  readonly path: StepPath;
  readonly kind: string;
  readonly after: After;
  readonly label?: string | undefined;
  /** What the kind gets. */
  readonly input: unknown;
  /** Digest of the input where it is part of the replay check. */
  readonly check?: string | undefined;
  /** The function of a closure step; kinds bring their own. */
  readonly run?: ((context: StepContext) => unknown) | undefined;
  /** Where it queues, when this worker does not serve that queue; undefined: the kind's own. */
  readonly queue?: string | undefined;
  /** It is a task in any case, also where this worker serves its queue. */
  readonly isDispatched?: boolean | undefined;
  /** Undefined: the kind's own policy, else the default. */
  readonly retry: RetryPolicy | undefined;
  readonly timeoutMs?: number | undefined;
  readonly deadlineMs?: number | undefined;
  /** An attempt that gives no sign of life for so long has timed out. */
  readonly heartbeatMs?: number | undefined;
  readonly isRepeatable: boolean;
  readonly isAtMostOnce: boolean;
  readonly reconcile?:
    | ((context: ReconcileContext) => Promise<Reconciliation | undefined> | Reconciliation | undefined)
    | undefined;
}

/** A wait to be opened; delays are relative to the moment of opening. */
export interface WaitSpec {
  readonly path: StepPath;
  readonly kind: 'sleep' | 'signal' | 'input' | 'approval';
  readonly name: string;
  readonly after: After;
  readonly label?: string | undefined;
  readonly dueInMs?: number | undefined;
  readonly dueAt?: number | undefined;
  readonly message?: string | undefined;
  readonly approvers?: readonly string[] | undefined;
  readonly onTimeout?: 'expire' | 'approve' | 'reject' | undefined;
  /** JSON Schema of the answer, where the schema offers one. */
  readonly schema?: unknown;
  readonly payload?: Payload | undefined;
}

export interface ChildSpec {
  readonly path: StepPath;
  readonly workflow: string;
  readonly version?: string | undefined;
  readonly input: Payload;
  /** The schema of the child's workflow has parsed it; else its first holder does. */
  readonly isParsed: boolean;
  readonly after: After;
  readonly label?: string | undefined;
}

export type Command =
  | { readonly type: 'ScheduleStep'; readonly step: StepSpec }
  | { readonly type: 'OpenWait'; readonly wait: WaitSpec }
  | { readonly type: 'StartChild'; readonly child: ChildSpec }
  | { readonly type: 'RecordMarker'; readonly path: StepPath; readonly marker: EventData<'marker.recorded'> }
  | { readonly type: 'PatchState'; readonly index: number; readonly payload: Payload }
  /** The open calls of a sealed scope; `after` deliveries had been made when it was sealed. */
  | {
      readonly type: 'CancelCalls';
      readonly paths: readonly StepPath[];
      readonly reason: string;
      readonly after: number;
    }
  | { readonly type: 'Complete'; readonly output: Payload }
  | { readonly type: 'Fail'; readonly failure: Failure; readonly failedSteps: readonly StepPath[] }
  | { readonly type: 'ContinueAsNew'; readonly input: Payload };
