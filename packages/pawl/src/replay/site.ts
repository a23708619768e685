/** A place to call from: what the calls need of the driver, and the scope that names are taken from. */
import { pawlError } from '../errors/index.ts';
import { type After, type Command, type Delivery, requireName, type StepPath } from '../run/index.ts';
import { decodePayload, type Json, type LogFields, type LogLevel } from '../std/index.ts';
import { type Failure, type RetryPolicy, StepFailed } from '../step/index.ts';
import type { Call } from './call.ts';
import type { RunUsage, WorkflowContext } from './context.ts';
import { type CtxPromise, ctxDeferred, never } from './ctx-promise.ts';
import type { Scope } from './scope.ts';
import type { FunctionWorkflow } from './workflow.ts';

/** The part of the driver that calls use. */
export interface CallHost {
  readonly facts: { readonly runId: string; readonly depth: number };
  readonly workflow: { readonly name: string; readonly retry: RetryPolicy | undefined };
  readonly nowMs: number;
  /** The largest value that can be recorded. */
  readonly payloadBytes: number;
  /** Whether the input of this kind is part of the replay check. */
  checksInput(kind: string): boolean;
  contextFor(scope: Scope): WorkflowContext;
  isLive(scope: Scope): boolean;
  isPathOpen(path: StepPath): boolean;
  position(): After;
  register(call: Call): void;
  watchScope(path: StepPath, watched: WatchedScope): void;
  unwatchScope(path: StepPath): void;
  sealScope(scope: Scope, reason: string): void;
  marker(path: StepPath, digest: string): void;
}

/** The promise of a scope call, and the scope that it was made in. */
export interface WatchedScope {
  readonly scope: Scope;
  readonly promise: CtxPromise<unknown>;
}

/** What `ctx` itself needs beyond its calls. */
export interface ContextHost extends CallHost {
  readonly facts: RunFacts;
  readonly workflow: FunctionWorkflow;
  readonly abortSignal: AbortSignal;
  readonly usage: RunUsage;
  refuseNested(call: string, name: string): void;
  watchRefused(scope: Scope, name: string, promise: CtxPromise<unknown>): void;
  patched(id: string): boolean;
  show(state: Json): void;
  continueAsNew<T>(input: unknown): CtxPromise<T>;
  log(level: LogLevel, message: string, fields: LogFields | undefined): void;
}

/** What is known of a run before its function starts. */
export interface RunFacts {
  readonly runId: string;
  readonly rootRunId: string;
  /** The version that the run was created with; its code may be a later one that is compatible. */
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly trigger: { readonly kind: string; readonly ref?: string | undefined };
  readonly createdAt: number;
  readonly depth: number;
}

export interface Site {
  readonly driver: CallHost;
  readonly scope: Scope;
}

export interface CallPlan {
  readonly kind: string;
  readonly check?: string | undefined;
  readonly mustBeAwaited: boolean;
  /** Whether a second open call of the name takes the next occurrence instead of being an error. */
  readonly mayOverlap?: boolean;
  readonly command: (path: StepPath, after: After) => Command;
  /** What the promise becomes; throws to reject it. */
  readonly convert: (delivery: Delivery) => unknown;
}

/** Makes a call: takes its path in the scope, and a promise that its delivery settles. */
export function placeCall<T>(site: Site, name: string, plan: CallPlan): CtxPromise<T> {
  const { driver, scope } = site;
  requireName(name, `ctx.${plan.kind}`);
  if (!driver.isLive(scope)) return never<T>();
  if (!plan.mayOverlap) refuseOverlap(site, name);
  const path = scope.nextPath(name);
  const deferred = ctxDeferred<T>();
  driver.register({
    path,
    kind: plan.kind,
    check: plan.check,
    scope,
    promise: deferred.promise,
    mustBeAwaited: plan.mustBeAwaited,
    command: plan.command(path, driver.position()),
    settle: (delivery) => {
      try {
        deferred.resolve(plan.convert(delivery) as T);
      } catch (error) {
        deferred.reject(error);
      }
    },
  });
  return deferred.promise;
}

function refuseOverlap(site: Site, name: string): void {
  const latest = site.scope.latestPath(name);
  if (latest !== undefined && site.driver.isPathOpen(latest))
    throw pawlError('STEP_NAME_OPEN', { path: latest });
}

/** The recorded failure of a delivery, as the error that the function catches. */
export function recordedFailure(delivery: Delivery): StepFailed {
  return new StepFailed(decodePayload(delivery.payload) as unknown as Failure);
}
