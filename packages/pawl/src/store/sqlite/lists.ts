/** Lists of runs and of open waits, newest runs and oldest waits first. */
import { pawlError } from '../../errors/index.ts';
import { RUN_STATUSES, type RunStatus } from '../../run/index.ts';
import type { RunFilter, RunRow, WaitFilter, WaitRow } from '../index.ts';
import type { Connection } from './connection.ts';
import type { Names } from './names.ts';
import { listChildren } from './queries/list-children.ts';
import { listAny, listStopped, listUndone, listUnfinished } from './queries/list-runs.ts';
import { listRunWaits, listTenantWaits, type WaitColumns } from './queries/list-waits.ts';
import { selectNum } from './queries/select-num.ts';
import { selectNumBefore } from './queries/select-num-before.ts';
import { selectRun } from './queries/select-run.ts';
import { runRowOf } from './run-row.ts';

/** The longest page of any list. */
const MAX_PAGE = 1_000;

const STOPPED: readonly RunStatus[] = ['parked', 'paused'];
const UNFINISHED: readonly RunStatus[] = ['queued', 'running', 'waiting', ...STOPPED];
const UNDONE: readonly RunStatus[] = ['failed', 'cancelled'];

/** @throws `RUN_NOT_FOUND` where `before` names no run. */
export function listRuns(db: Connection, names: Names, filter: RunFilter): RunRow[] {
  const tenant = names.tenant(filter.tenant);
  if (tenant === undefined) return [];
  const lanes = names.lanesOf(tenant, filter.workflow);
  const limit = Math.min(filter.limit, MAX_PAGE);
  const before = beforeNum(db, tenant, filter);
  const statuses = filter.status ?? RUN_STATUSES;
  const nums =
    filter.parentRunId === undefined
      ? lanes.flatMap((lane) => numsIn(db, { lane, before, limit }, statuses))
      : db
          .all(
            listChildren,
            filter.parentRunId,
            tenant,
            before,
            JSON.stringify(statuses),
            JSON.stringify(lanes),
            limit,
          )
          .map((row) => row.num);
  const newest = nums.toSorted((a, b) => b - a).slice(0, limit);
  return newest.flatMap((num) => {
    const row = db.get(selectRun, num);
    return row === undefined ? [] : [runRowOf(row)];
  });
}

/** Runs that were created in one moment may have got their numbers in another order: so many are looked at. */
const NEAR = 1_000;

function beforeNum(db: Connection, tenant: number, { before, createdBefore }: RunFilter): number {
  if (before === undefined && createdBefore !== undefined)
    return db.get(selectNumBefore, createdBefore, NEAR)?.num ?? 0;
  if (before === undefined) return Number.MAX_SAFE_INTEGER;
  const row = db.get(selectNum, tenant, before);
  if (row === undefined) throw pawlError('RUN_NOT_FOUND', { runId: before });
  return row.num;
}

interface LanePage {
  readonly lane: number;
  readonly before: number;
  readonly limit: number;
}

/** Asks the smallest indexes that hold all the statuses. */
function numsIn(db: Connection, { lane, before, limit }: LanePage, statuses: readonly RunStatus[]): number[] {
  if (statuses.includes('completed')) {
    return db.all(listAny, lane, before, JSON.stringify(statuses), limit).map((row) => row.num);
  }
  const undone = statuses.filter((status) => UNDONE.includes(status));
  const unfinished = statuses.filter((status) => UNFINISHED.includes(status));
  const live = unfinished.every((status) => STOPPED.includes(status)) ? listStopped : listUnfinished;
  const rows = [
    ...(undone.length === 0 ? [] : db.all(listUndone, lane, before, JSON.stringify(undone), limit)),
    ...(unfinished.length === 0 ? [] : db.all(live, lane, before, JSON.stringify(unfinished), limit)),
  ];
  return rows.map((row) => row.num);
}

const WAIT_KINDS: readonly WaitRow['kind'][] = ['sleep', 'signal', 'input', 'approval'];

export function listWaits(db: Connection, names: Names, filter: WaitFilter): WaitRow[] {
  const tenant = names.tenant(filter.tenant);
  if (tenant === undefined) return [];
  const limit = Math.min(filter.limit, MAX_PAGE);
  const kinds = filter.kinds ?? WAIT_KINDS;
  if (filter.runId !== undefined) {
    const num = db.get(selectNum, tenant, filter.runId)?.num;
    const rows = num === undefined ? [] : db.all(listRunWaits, num, JSON.stringify(kinds), limit);
    return rows.map((row) => waitRowOf(row, filter.tenant));
  }
  const rows = kinds.flatMap((kind) => db.all(listTenantWaits, tenant, kind, limit));
  return rows
    .toSorted((a, b) => a.opened_at - b.opened_at || a.num - b.num)
    .slice(0, limit)
    .map((row) => waitRowOf(row, filter.tenant));
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
