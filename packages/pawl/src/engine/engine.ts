/** The engine: the client's verbs over one store, and the worker that drives what it can. */
import { pawlError } from '../errors/index.ts';
import { foldAll, isTerminal, RUN_STATUSES } from '../run/index.ts';
import { checkOptions, digestText, parseDuration } from '../std/index.ts';
import type { RunRow } from '../store/index.ts';
import { checkAct, checkList, checkWaits, MAX_LIST } from './act-options.ts';
import * as acts from './acts.ts';
import type {
  ActOptions,
  Engine,
  ListRunsOptions,
  RunDiff,
  RunGraph,
  RunGraphOptions,
  RunHandle,
  WaitsOptions,
  WaitView,
  Why,
} from './api.ts';
import { type ComparableRun, comparable } from './comparable-run.ts';
import { type EngineContext, requireRun } from './context.ts';
import { runHandle } from './handle.ts';
import { outsideTasks } from './outside.ts';
import { readAll } from './read-all.ts';
import { pruneAll } from './retention.ts';
import { runDiff } from './run-diff.ts';
import { givenGraph, graphIn, runGraph } from './run-graph.ts';
import { startRun } from './start.ts';
import { runSummary, runView, waitView } from './views.ts';
import { type WhyFacts, whyOf } from './why.ts';

const DEFAULT_CLOSE = '10s';

export function makeEngine(context: EngineContext, onClose: () => void): Engine {
  let closing: Promise<void> | undefined;
  const known = (runId: string): string => {
    if (typeof runId !== 'string') throw pawlError('RUN_NOT_FOUND', { runId: String(runId) });
    return runId;
  };
  const open = <T>(act: () => Promise<T>): Promise<T> =>
    closing ? Promise.reject(pawlError('ENGINE_CLOSED')) : (async () => await act())();
  const on = <T>(runId: string, act: (runId: string) => Promise<T>): Promise<T> =>
    open(() => acts.onCurrent(context, known(runId), act));
  const start = (async (target: never, input: unknown, options = {}) => {
    const runId = await open(() => startRun(context, target, { input, options }));
    return runHandle(context, runId);
  }) as Engine['start'];
  return {
    id: context.id,
    tenant: context.tenant,
    start,
    handle: (runId) => runHandle(context, runId),
    signal: (runId, name, payload, options) =>
      on(runId, (id) => {
        return acts.signal(context, id, { name, payload, options: checkAct(options, 'signal') });
      }),
    approve: (runId, path, options) =>
      open(() =>
        acts.decide(context, known(runId), {
          path,
          decision: 'approved',
          options: checkAct(options, 'approve'),
        }),
      ),
    reject: (runId, path, options) =>
      open(() =>
        acts.decide(context, known(runId), {
          path,
          decision: 'rejected',
          options: checkAct(options, 'reject'),
        }),
      ),
    answer: (runId, path, value, options) =>
      open(() => acts.answer(context, known(runId), { path, value, options: checkAct(options, 'answer') })),
    cancel: (runId, options) => on(runId, (id) => acts.cancel(context, id, checkAct(options, 'cancel'))),
    pause: (runId, options) => on(runId, (id) => acts.pause(context, id, checkAct(options, 'pause'))),
    resume: (runId, options) => on(runId, (id) => acts.resume(context, id, checkAct(options, 'resume'))),
    retry: (runId, options) => on(runId, (id) => retry(context, id, checkAct(options, 'retry'))),
    runs: {
      get: (runId) => open(() => view(context, known(runId))),
      list: (options = {}) => open(() => list(context, options)),
      graph: (runId, options = {}) => open(() => graph(context, known(runId), options)),
      diff: (a, b) => open(() => diff(context, known(a), known(b))),
    },
    waits: (options = {}) => open(() => waits(context, options)),
    why: (runId) => open(() => why(context, known(runId))),
    workers: () => open(() => workers(context)),
    tasks: outsideTasks(context.desk),
    prune: (options) => open(() => prune(context, options)),
    close: async (options = {}) => {
      if (closing) return closing;
      checkOptions(options, { where: 'close', known: ['timeout'] });
      const timeoutMs = parseDuration(options.timeout ?? DEFAULT_CLOSE, 'close.timeout');
      closing = close(context, timeoutMs).finally(onClose);
      return closing;
    },
  };
}

async function view(context: EngineContext, runId: string): ReturnType<Engine['runs']['get']> {
  const row = await requireRun(context, runId);
  const state = foldAll(row.run, await readAll(context.store, row.run));
  const living = await livingFor(context, row);
  return runView(row, state, { ...living, nowMs: context.platform.clock.now() });
}

async function graph(context: EngineContext, runId: string, options: RunGraphOptions): Promise<RunGraph> {
  checkOptions(options, { where: 'runs.graph', known: ['workflow'] });
  const { workflow } = options;
  const row = await requireRun(context, runId);
  const events = await readAll(context.store, row.run);
  return runGraph({
    row,
    events,
    ...(await livingFor(context, row)),
    definition: workflow ? givenGraph(workflow, events[0]) : graphIn(context.registered, events[0]),
  });
}

async function diff(context: EngineContext, a: string, b: string): Promise<RunDiff> {
  const [left, right] = [await comparableRun(context, a), await comparableRun(context, b)];
  return runDiff(left, right);
}

async function comparableRun(context: EngineContext, runId: string): Promise<ComparableRun> {
  const row = await requireRun(context, runId);
  return comparable(row, await readAll(context.store, row.run));
}

async function list(context: EngineContext, options: ListRunsOptions): ReturnType<Engine['runs']['list']> {
  const { limit = 50, ...filter } = checkList(options);
  const rows = await context.store.listRuns({ tenant: context.tenant, limit, ...filter });
  const alive = await aliveHolders(context, rows);
  const nowMs = context.platform.clock.now();
  return rows.map((row) =>
    runSummary(row, { nowMs, isDriven: row.holder !== null && alive.has(row.holder) }),
  );
}

async function waits(context: EngineContext, options: WaitsOptions): Promise<readonly WaitView[]> {
  checkWaits(options);
  return (await context.store.listWaits({ tenant: context.tenant, limit: MAX_LIST, ...options })).map(
    waitView,
  );
}

/** A parked run goes on; a failed or cancelled one stays as it is, and a new run starts with its input. */
async function retry(context: EngineContext, runId: string, options: ActOptions): Promise<RunHandle> {
  const row = await requireRun(context, runId);
  if (row.status === 'completed')
    throw pawlError('RUN_TERMINAL', { runId, status: row.status, verb: 'retry' });
  if (!isTerminal(row.status)) {
    await acts.retryParked(context, runId, options);
    return runHandle(context, runId);
  }
  const { input, isParsed } = await acts.inputOf(context, runId);
  const start = {
    version: row.version,
    labels: row.labels,
    priority: row.priority,
    ...(options.by === undefined ? {} : { by: options.by }),
    ...(options.dedupeId === undefined
      ? {}
      : { idempotencyKey: `retry:${digestText(`${runId} ${options.dedupeId}`)}` }),
  };
  const again = await startRun(context, row.workflow, {
    input,
    options: start,
    extras: { trigger: { kind: 'retry', ref: runId }, isParsed },
  });
  return runHandle(context, again);
}

async function why(context: EngineContext, runId: string): Promise<Why> {
  const row = await requireRun(context, runId);
  const state = foldAll(row.run, await readAll(context.store, row.run));
  const alive = (await workers(context)).filter((worker) => worker.isAlive);
  const session = context.worker?.session(row.run.num);
  return whyOf({
    row,
    state,
    workers: alive,
    isDriven: await isDriven(context, row),
    children: await openChildren(context, runId),
    nowMs: context.platform.clock.now(),
    openCalls: session?.phase === 'live' ? session.openCalls : undefined,
  });
}

/** Children that are looked at to say why their parent does not move. */
const MAX_CHILDREN = 20;

async function openChildren({ store, tenant }: EngineContext, runId: string): Promise<WhyFacts['children']> {
  const status = RUN_STATUSES.filter((one) => !isTerminal(one));
  const children: [string, { readonly runId: string; readonly isCancelled: boolean }][] = [];
  for (const { run, parentPath = '' } of await store.listRuns({
    tenant,
    parentRunId: runId,
    status,
    limit: MAX_CHILDREN,
  })) {
    const { cancelRequested } = foldAll(run, await readAll(store, run));
    children.push([parentPath, { runId: run.runId, isCancelled: cancelRequested !== undefined }]);
  }
  return new Map(children);
}

async function prune(context: EngineContext, options: Parameters<Engine['prune']>[0]): Promise<number> {
  checkOptions(options ?? null, { where: 'prune', known: ['olderThan'] });
  const { olderThan } = options;
  if (olderThan === undefined)
    throw pawlError('OPTION_INVALID', { where: 'prune.olderThan', problem: 'say how long ago' });
  const { store, platform, tenant } = context;
  return await pruneAll({ store, platform }, { ageMs: parseDuration(olderThan, 'prune.olderThan'), tenant });
}

async function workers(context: EngineContext): ReturnType<Engine['workers']> {
  const rows = await context.store.listWorkers();
  const known = rows.filter((row) => row.isForgotten !== true);
  return await Promise.all(
    known.map(async ({ startedAt: _startedAt, beatAt: _beatAt, isForgotten: _isForgotten, ...row }) => {
      return { ...row, isAlive: await isAlive(context, row.id) };
    }),
  );
}

/** Whether an engine lives, as far as can be told: a process that is only stopped counts as alive. */
async function isAlive(context: EngineContext, id: string): Promise<boolean> {
  return id === context.id || !(await context.store.isProvablyDead(id));
}

/** Whether a worker that lives holds the run; else what it was doing was lost with its worker. */
async function isDriven(context: EngineContext, { holder }: RunRow): Promise<boolean> {
  return holder !== null && (await isAlive(context, holder));
}

/** Each holder is looked at once, however many runs it holds. */
async function aliveHolders(context: EngineContext, rows: readonly RunRow[]): Promise<ReadonlySet<string>> {
  const holders = [...new Set(rows.flatMap(({ holder }) => holder ?? []))];
  const alive = await Promise.all(holders.map((id) => isAlive(context, id)));
  return new Set(holders.filter((_id, index) => alive[index]));
}

/** Whether the run is driven, and which workers live that may execute its steps. */
async function livingFor(
  context: EngineContext,
  row: RunRow,
): Promise<{ readonly isDriven: boolean; readonly living: ReadonlySet<string> }> {
  const alive = (await workers(context)).filter((worker) => worker.isAlive);
  return { isDriven: await isDriven(context, row), living: new Set(alive.map(({ id }) => id)) };
}

async function close(context: EngineContext, timeoutMs: number): Promise<void> {
  context.retention?.close();
  await context.desk.close();
  await context.worker?.close(timeoutMs);
  context.journal.close();
  context.notices.close();
  await context.store.close();
}
