/** `ctx.map`: one scope an item, bounded, results in item order. */
import { messageOf, pawlError } from '../errors/index.ts';
import { isName, requireName } from '../run/index.ts';
import { checkOptions, digestText, encodeValue } from '../std/index.ts';
import { failureOf, StepFailed } from '../step/index.ts';
import { type BranchEnd, type BranchRun, type Settle, runBranches, scopeCall } from './branch.ts';
import type { MapOptions, WorkflowContext } from './context.ts';
import type { CtxPromise } from './ctx-promise.ts';
import { checkConcurrency } from './parallel-calls.ts';
import type { Site } from './site.ts';

export interface MapCall {
  readonly items: readonly unknown[];
  readonly fn: (item: unknown, c: WorkflowContext, index: number) => unknown;
  readonly options?: MapOptions<unknown> | undefined;
}

const DEFAULT_CONCURRENCY = 16;

export function callMap(site: Site, name: string, call: MapCall): CtxPromise<unknown[]> {
  const { items, options = {} } = call;
  const where = `map "${name}"`;
  if (!Array.isArray(items))
    throw pawlError('OPTION_INVALID', { where, problem: 'the second argument must be a list' });
  if (typeof call.fn !== 'function')
    throw pawlError('OPTION_INVALID', { where, problem: 'the third argument must be a function' });
  checkOptions(call.options, { where, known: ['concurrency', 'minSuccess', 'key'], notYet: ['budget'] });
  checkConcurrency(options.concurrency ?? DEFAULT_CONCURRENCY, where);
  if (options.key !== undefined && typeof options.key !== 'function')
    throw pawlError('OPTION_INVALID', { where: `${where}.key`, problem: 'it must be a function' });
  const needed = options.minSuccess ?? items.length;
  if (!Number.isInteger(needed) || needed < 0 || needed > items.length) {
    throw pawlError('OPTION_INVALID', {
      where: `${where}.minSuccess`,
      problem: `it must be a whole number from 0 to ${items.length}`,
    });
  }
  const digest = digestText(encodeValue(items, `the list of ${where}`));
  const path = site.scope.nextPath(requireName(name, 'ctx.map'));
  const runs = itemRuns(site, path, call);
  if (site.driver.isLive(site.scope)) site.driver.marker(path, digest);
  return scopeCall<unknown[]>(site, path, (settle) => {
    if (runs.length === 0) settle.resolve([]);
    else
      runItems(site, {
        path,
        runs,
        needed,
        settle,
        concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
        isStrict: options.minSuccess === undefined,
      });
  });
}

function itemRuns(site: Site, path: string, call: MapCall): readonly BranchRun[] {
  const seen = new Set<string>();
  return call.items.map((item, index) => {
    const key = call.options?.key ? call.options.key(item, index) : `item:${index}`;
    if (call.options?.key && !isName(key))
      throw pawlError('NAME_INVALID', { name: key, what: `an item of map "${path}"` });
    if (seen.has(key))
      throw pawlError('OPTION_INVALID', { where: `map "${path}".key`, problem: `"${key}" names two items` });
    seen.add(key);
    return {
      key,
      scope: site.scope.child(`${path}/${key}`),
      run: (c: WorkflowContext) => call.fn(item, c, index),
    };
  });
}

interface Items {
  readonly path: string;
  readonly runs: readonly BranchRun[];
  readonly needed: number;
  readonly concurrency: number;
  /** The first failure fails the map and cancels the others. */
  readonly isStrict: boolean;
  readonly settle: Settle<unknown[]>;
}

function runItems(site: Site, items: Items): void {
  const ends: (BranchEnd | undefined)[] = items.runs.map(() => undefined);
  let open = items.runs.length;
  const running = runBranches(site, items.runs, {
    concurrency: items.concurrency,
    onEnd: (index, end) => {
      ends[index] = end;
      open--;
      if (!end.ok && items.isStrict) {
        running.stop();
        for (const [other, run] of items.runs.entries())
          if (ends[other] === undefined) site.driver.sealScope(run.scope, `"${items.path}" failed`);
        items.settle.reject(end.error);
      } else if (open === 0) {
        settleTolerant(items, ends);
      }
    },
  });
}

function settleTolerant(items: Items, ends: readonly (BranchEnd | undefined)[]): void {
  const succeeded = ends.filter((end) => end?.ok).length;
  if (succeeded >= items.needed) {
    items.settle.resolve(ends.map((end) => (end?.ok ? end.value : undefined)));
    return;
  }
  const first = ends.find((end) => end && !end.ok);
  const cause = first && !first.ok ? failureOf(first.error, items.path) : undefined;
  const message = messageOf('MAP_TOO_FEW', {
    path: items.path,
    succeeded,
    total: ends.length,
    needed: items.needed,
  });
  items.settle.reject(
    new StepFailed({
      class: 'terminal',
      code: 'MAP_TOO_FEW',
      message,
      path: items.path,
      ...(cause ? { cause } : {}),
    }),
  );
}
