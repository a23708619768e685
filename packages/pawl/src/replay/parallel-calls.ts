/** `ctx.parallel` and `ctx.race`: named branches that run at the same time. */
import { pawlError } from '../errors/index.ts';
import { requireName } from '../run/index.ts';
import { checkOptions } from '../std/index.ts';
import { type BranchEnd, type BranchRun, runBranches, scopeCall } from './branch.ts';
import type { Branch, ParallelOptions, Settled } from './context.ts';
import type { CtxPromise } from './ctx-promise.ts';
import type { Site } from './site.ts';

type Branches = Readonly<Record<string, Branch<unknown>>>;

function branchRuns(site: Site, path: string, branches: Branches): readonly BranchRun[] {
  if (typeof branches !== 'object' || branches === null || Array.isArray(branches)) {
    throw pawlError('OPTION_INVALID', {
      where: `"${path}"`,
      problem: 'the branches are an object of functions: { name: (c) => … }',
    });
  }
  return Object.entries(branches).map(([key, run]) => {
    requireName(key, `a branch of "${path}"`);
    if (typeof run !== 'function')
      throw pawlError('OPTION_INVALID', {
        where: `branch "${key}" of "${path}"`,
        problem: 'a branch is a function (c) => …',
      });
    return { key, run, scope: site.scope.child(`${path}/${key}`) };
  });
}

export interface ParallelCall {
  readonly branches: Branches;
  readonly options?: ParallelOptions | undefined;
}

export function callParallel(
  site: Site,
  name: string,
  call: ParallelCall,
): CtxPromise<Record<string, unknown>> {
  const { concurrency = Number.POSITIVE_INFINITY, failFast = true } = call.options ?? {};
  checkOptions(call.options, { where: `parallel "${name}"`, known: ['concurrency', 'failFast'] });
  checkConcurrency(concurrency, `parallel "${name}"`);
  if (typeof failFast !== 'boolean')
    throw pawlError('OPTION_INVALID', {
      where: `parallel "${name}".failFast`,
      problem: 'it must be true or false',
    });
  const path = site.scope.nextPath(requireName(name, 'ctx.parallel'));
  const runs = branchRuns(site, path, call.branches);
  return scopeCall<Record<string, unknown>>(site, path, ({ resolve, reject }) => {
    const ends: (BranchEnd | undefined)[] = runs.map(() => undefined);
    let open = runs.length;
    if (open === 0) resolve({});
    const running = runBranches(site, runs, {
      concurrency,
      onEnd: (index, end) => {
        ends[index] = end;
        open--;
        if (!end.ok && failFast) {
          running.stop();
          for (const [other, run] of runs.entries())
            if (ends[other] === undefined) site.driver.sealScope(run.scope, `"${path}" failed`);
          reject(end.error);
        } else if (open === 0) {
          resolve(
            Object.fromEntries(
              runs.map((run, at) => [run.key, failFast ? valueOf(ends[at]) : settledOf(ends[at])]),
            ),
          );
        }
      },
    });
  });
}

function valueOf(end: BranchEnd | undefined): unknown {
  return end?.ok ? end.value : undefined;
}

function settledOf(end: BranchEnd | undefined): Settled<unknown> {
  if (end?.ok) return { ok: true, value: end.value };
  const error = end?.error;
  return { ok: false, failure: error instanceof Error ? error : new Error(String(error)) };
}

export function callRace(
  site: Site,
  name: string,
  branches: Branches,
): CtxPromise<{ winner: string; value: unknown }> {
  const path = site.scope.nextPath(requireName(name, 'ctx.race'));
  const runs = branchRuns(site, path, branches);
  if (runs.length === 0) throw pawlError('SCOPE_EMPTY', { call: 'race', name });
  return scopeCall(site, path, ({ resolve, reject }) => {
    const running = runBranches(site, runs, {
      concurrency: Number.POSITIVE_INFINITY,
      onEnd: (index, end) => {
        running.stop();
        for (const [other, run] of runs.entries())
          if (other !== index) site.driver.sealScope(run.scope, `lost the race "${path}"`);
        if (end.ok) resolve({ winner: (runs[index] as BranchRun).key, value: end.value });
        else reject(end.error);
      },
    });
  });
}

/** @throws `OPTION_INVALID` */
export function checkConcurrency(concurrency: number, where: string): void {
  const isWhole = Number.isInteger(concurrency) || concurrency === Number.POSITIVE_INFINITY;
  if (!isWhole || concurrency < 1)
    throw pawlError('OPTION_INVALID', {
      where: `${where}.concurrency`,
      problem: 'it must be a whole number from 1',
    });
}
