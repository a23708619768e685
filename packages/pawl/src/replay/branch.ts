/** Runs the branches of a scope call, with bounded concurrency, each in a scope of its own. */
import type { CtxPromise } from './ctx-promise.ts';
import { ctxDeferred, never } from './ctx-promise.ts';
import type { WorkflowContext } from './context.ts';
import type { Scope } from './scope.ts';
import type { Site } from './site.ts';

export interface BranchRun {
  readonly key: string;
  readonly scope: Scope;
  readonly run: (c: WorkflowContext) => unknown;
}

export type BranchEnd =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown };

/** The two ends of a scope's promise. */
export interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** Starts a scope call: its promise is watched, so that forgetting to await it is noticed. */
export function scopeCall<T>(site: Site, path: string, begin: (settle: Settle<T>) => void): CtxPromise<T> {
  if (!site.driver.isLive(site.scope)) return never<T>();
  const deferred = ctxDeferred<T>();
  site.driver.watchScope(path, { scope: site.scope, promise: deferred.promise });
  const done = (): void => site.driver.unwatchScope(path);
  begin({
    resolve: (value) => {
      done();
      deferred.resolve(value);
    },
    reject: (reason) => {
      if (deferred.promise.isObserved) done();
      deferred.reject(reason);
    },
  });
  return deferred.promise;
}

/** Runs branches, at most `concurrency` at a time, in their order; tells of each end until told to stop. */
export function runBranches(
  site: Site,
  branches: readonly BranchRun[],
  plan: { readonly concurrency: number; readonly onEnd: (index: number, end: BranchEnd) => void },
): { stop(): void } {
  let next = 0;
  let isStopped = false;
  const startOne = (): void => {
    const index = next++;
    const branch = branches[index];
    if (!branch || isStopped) return;
    const ended = (end: BranchEnd): void => {
      if (isStopped) return;
      plan.onEnd(index, end);
      startOne();
    };
    const promise = (async () => await branch.run(site.driver.contextFor(branch.scope)))();
    promise.then(
      (value) => ended({ ok: true, value }),
      (error: unknown) => ended({ ok: false, error }),
    );
  };
  for (let count = 0; count < Math.min(plan.concurrency, branches.length); count++) startOne();
  return {
    stop: () => {
      isStopped = true;
    },
  };
}
