/** Lists of runs and of open waits, newest runs and oldest waits first. */
import { pawlError } from '../../errors/index.ts';
import { RUN_STATUSES, type RunStatus } from '../../run/index.ts';
import type { RunFilter, RunRow, WaitFilter, WaitRow } from '../index.ts';
import type { Connection } from './connection.ts';
import { listChildren } from './queries/list-children.ts';
import { listCompleted, listStopped, listUndone, listUnfinished } from './queries/list-runs.ts';
import { listRunWaits, listTenantWaits, type WaitColumns } from './queries/list-waits.ts';
import { selectNum } from './queries/select-num.ts';
import { selectNumBefore } from './queries/select-num-before.ts';
import { runRowOf } from './run-row.ts';
import { codeOfStatus } from './status-codes.ts';

/** The longest page of any list. */
const MAX_PAGE = 1_000;

const STOPPED: readonly RunStatus[] = ['parked', 'paused'];
const UNFINISHED: readonly RunStatus[] = ['queued', 'running', 'waiting', ...STOPPED];
const UNDONE: readonly RunStatus[] = ['failed', 'cancelled'];

/** @throws `RUN_NOT_FOUND` where `before` names no run. */
export async function listRuns(db: Connection, filter: RunFilter): Promise<RunRow[]> {
  const { tenant, workflow = null, parentRunId, status: statuses = RUN_STATUSES } = filter;
  const limit = Math.min(filter.limit, MAX_PAGE);
  const before = await beforeNum(db, filter);
  const page = (some: readonly RunStatus[]) =>
    [tenant, workflow, before, some.map(codeOfStatus), limit] as [
      string,
      string | null,
      number,
      number[],
      number,
    ];
  if (parentRunId !== undefined)
    return (await db.read(listChildren, ...page(statuses), parentRunId)).map(runRowOf);
  const parts = partsOf(statuses);
  const rows = [];
  for (const { list, statuses: some } of parts) rows.push(...(await db.read(list, ...page(some))));
  return rows
    .toSorted((a, b) => b.num - a.num)
    .slice(0, limit)
    .map(runRowOf);
}

/** Runs that were created in one moment may have got their numbers in another order: so many are looked at. */
const NEAR = 1_000;

async function beforeNum(db: Connection, { tenant, before, createdBefore }: RunFilter): Promise<number> {
  if (before === undefined && createdBefore !== undefined)
    return (await db.read(selectNumBefore, createdBefore, NEAR))[0]?.num ?? 0;
  if (before === undefined) return Number.MAX_SAFE_INTEGER;
  const [row] = await db.read(selectNum, tenant, before);
  if (row === undefined) throw pawlError('RUN_NOT_FOUND', { runId: before });
  return row.num;
}

interface Part {
  readonly list: typeof listUndone;
  readonly statuses: readonly RunStatus[];
}

/** Each phase has an index of its own: a run stands in one of them. */
function partsOf(statuses: readonly RunStatus[]): Part[] {
  const completed = statuses.filter((status) => status === 'completed');
  const undone = statuses.filter((status) => UNDONE.includes(status));
  const unfinished = statuses.filter((status) => UNFINISHED.includes(status));
  const live = unfinished.every((status) => STOPPED.includes(status)) ? listStopped : listUnfinished;
  return [
    { list: listCompleted, statuses: completed },
    { list: listUndone, statuses: undone },
    { list: live, statuses: unfinished },
  ].filter((part) => part.statuses.length > 0);
}

const WAIT_KINDS: readonly WaitRow['kind'][] = ['sleep', 'signal', 'input', 'approval'];

export async function listWaits(db: Connection, filter: WaitFilter): Promise<WaitRow[]> {
  const { tenant, runId, kinds = WAIT_KINDS } = filter;
  const limit = Math.min(filter.limit, MAX_PAGE);
  if (runId !== undefined)
    return (await db.read(listRunWaits, tenant, runId, kinds, limit)).map((row) => waitRowOf(row, tenant));
  const rows: WaitColumns[] = [];
  for (const kind of kinds) rows.push(...(await db.read(listTenantWaits, tenant, kind, limit)));
  return rows
    .toSorted((a, b) => a.opened_at - b.opened_at || a.num - b.num)
    .slice(0, limit)
    .map((row) => waitRowOf(row, tenant));
}

function waitRowOf(row: WaitColumns, tenant: string): WaitRow {
  return {
    run: { tenant, runId: row.id, num: row.num },
    workflow: row.workflow,
    path: row.path,
    kind: row.kind as WaitRow['kind'],
    name: row.name,
    message: row.message ?? undefined,
    openedSeq: row.opened_seq,
    openedAt: row.opened_at,
    dueAt: row.due_at ?? undefined,
  };
}
