/** Claims: the one way in which a run gets a holder after its creation. */
import { EVENT_FORMAT } from '../../run/index.ts';
import type { ClaimedRun, ClaimRequest, Served, Turns } from '../index.ts';
import type { Connection } from './connection.ts';
import type { Names } from './names.ts';
import { deleteWorker } from './queries/delete-worker.ts';
import { type DueLane, dueLanes, LANES_A_SCAN, quarantinedLanes } from './queries/due-lanes.ts';
import { type DueRun, dueRuns, quarantinedRuns } from './queries/due-runs.ts';
import { freeRuns } from './queries/free-runs.ts';
import { freeTasks } from './queries/free-tasks.ts';
import { hasHeld } from './queries/has-held.ts';
import { hasHeldTask } from './queries/has-held-task.ts';
import { moveLane } from './queries/move-lane.ts';
import type { LaneColumns } from './queries/select-lanes.ts';
import { selectRun } from './queries/select-run.ts';
import { selectWorker } from './queries/select-worker.ts';
import { takeRun } from './queries/take-run.ts';
import type { Query } from './query.ts';
import { runRowOf } from './run-row.ts';
import type { Writer } from './writer.ts';

export interface ClaimTools {
  readonly db: Connection;
  readonly names: Names;
  readonly writer: Writer;
  readonly turns: Turns;
}

/**
 * First looks, and takes the write lock only where there is something to take. Runs of the dead are freed, with a strike each
 * where their holder was not draining, and then claimed like any others: one path, one fairness, one epoch rule.
 */
export async function claim(tools: ClaimTools, request: ClaimRequest): Promise<ClaimedRun[]> {
  if (!(await tools.writer.read(() => hasWork(tools, request)))) return [];
  return tools.writer.write(() => {
    const freed = new Set(request.dead.flatMap((holder) => free(tools, holder, request.now)));
    const nums = choose(tools, request);
    const holder = tools.names.giveHolder(request.holder);
    return nums.flatMap((num) => take(tools, { num, holder, wasFreed: freed.has(num) }));
  });
}

function hasWork({ db, names }: ClaimTools, request: ClaimRequest): boolean {
  if (request.dead.some((holder) => isKnown(db, names, holder))) return true;
  if (request.limit <= 0) return false;
  const isServed = servedLanes(names, request.serves);
  if (dueIn(db, dueLanes, { isServed, now: request.now }).length > 0) return true;
  return request.quarantine && dueIn(db, quarantinedLanes, { isServed, now: request.now }).length > 0;
}

/** Whether anything in the store still names a dead holder as alive. */
function isKnown(db: Connection, names: Names, holder: string): boolean {
  if (db.get(selectWorker, holder) !== undefined) return true;
  const num = names.holder(holder);
  return num !== undefined && holdsAnything(db, num);
}

/** Whether a holder has a run or a task. */
export function holdsAnything(db: Connection, holder: number): boolean {
  return db.get(hasHeld, holder) !== undefined || db.get(hasHeldTask, holder) !== undefined;
}

/** Takes its runs and tasks from a dead holder and removes its worker row; a run that was not due gets no strike. */
export function free({ db, names }: Pick<ClaimTools, 'db' | 'names'>, holder: string, now: number): number[] {
  const strike = db.get(selectWorker, holder)?.draining === 1 ? 0 : 1;
  db.run(deleteWorker, holder);
  const num = names.holder(holder);
  if (num === undefined) return [];
  db.run(freeTasks, num);
  return db.all(freeRuns, strike, now, num).map((row) => row.num);
}

function choose(
  { db, names, turns }: ClaimTools,
  { serves, now, limit, quarantine }: ClaimRequest,
): number[] {
  const isServed = servedLanes(names, serves);
  const poisoned =
    quarantine && limit > 0 ? oldest(db, dueIn(db, quarantinedLanes, { isServed, now }), now) : [];
  const lanes = dueIn(db, dueLanes, { isServed, now }).flatMap(({ lane }) => names.lane(lane) ?? []);
  const fetch = (lane: number, after: { num: number; dueAt: number } | undefined, count: number) =>
    db
      .all(dueRuns, lane, now, after?.dueAt ?? 0, after?.dueAt ?? 0, after?.num ?? 0, count)
      .map((run) => ({ num: run.num, dueAt: run.due_at }));
  return [...poisoned, ...turns.take({ lanes, limit: limit - poisoned.length, fetch })];
}

/** One run in quarantine: the one that is due longest. */
function oldest(db: Connection, lanes: readonly DueLane[], now: number): number[] {
  const [first] = lanes.toSorted((a, b) => a.due_at - b.due_at);
  const run: DueRun | undefined = first && db.all(quarantinedRuns, first.lane, now, 0, 0, 0, 1)[0];
  return run === undefined ? [] : [run.num];
}

/**
 * A claimed run moves to the lane of the event format that its new holder writes, so that no older worker claims it later and
 * meets events that it does not know.
 */
function take(
  { db, names }: ClaimTools,
  taken: { num: number; holder: number; wasFreed: boolean },
): ClaimedRun[] {
  if (db.run(takeRun, taken.holder, taken.num) === 0) return [];
  const row = db.get(selectRun, taken.num);
  if (row === undefined) return [];
  const { workflow, version, priority } = row;
  if (row.format !== EVENT_FORMAT) {
    db.run(
      moveLane,
      names.giveLane({ tenant: names.giveTenant(row.tenant), workflow, version, priority }),
      taken.num,
    );
  }
  return [{ row: runRowOf(row), strikes: row.strikes, wasTaken: taken.wasFreed || row.strikes > 0 }];
}

type IsServed = (lane: LaneColumns) => boolean;

function servedLanes(names: Names, serves: readonly Served[]): (lane: number) => boolean {
  const versions = new Map(serves.map((one) => [one.workflow, new Set(one.versions)]));
  const isServed: IsServed = (lane) =>
    lane.format <= EVENT_FORMAT && versions.get(lane.workflow)?.has(lane.version) === true;
  return (num) => {
    const lane = names.lane(num);
    return lane !== undefined && isServed(lane);
  };
}

interface Wanted {
  readonly isServed: (lane: number) => boolean;
  readonly now: number;
}

/** Served lanes with something due: the first window of lanes that has any. */
function dueIn(db: Connection, lanes: Query<[above: number], DueLane>, { isServed, now }: Wanted): DueLane[] {
  for (let above = -1; ; ) {
    const scanned = db.all(lanes, above);
    const due = scanned.filter((one) => one.due_at <= now && isServed(one.lane));
    const last = scanned.at(-1);
    if (due.length > 0 || last === undefined || scanned.length < LANES_A_SCAN - 1) return due;
    above = last.lane;
  }
}

/** The earliest due time in served lanes; overdue runs in quarantine wait for a place there, not for a time. */
export function nextDueAt(
  { db, names }: ClaimTools,
  serves: readonly Served[],
  now: number,
): number | undefined {
  const isServed = servedLanes(names, serves);
  const open = allLanes(db, dueLanes).filter((one) => isServed(one.lane));
  const quarantined = allLanes(db, quarantinedLanes).filter((one) => one.due_at > now && isServed(one.lane));
  const times = [...open, ...quarantined].map((one) => one.due_at);
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b));
}

function allLanes(db: Connection, lanes: Query<[above: number], DueLane>): DueLane[] {
  const all: DueLane[] = [];
  for (let above = -1; ; ) {
    const scanned = db.all(lanes, above);
    all.push(...scanned);
    const last = scanned.at(-1);
    if (last === undefined || scanned.length < LANES_A_SCAN - 1) return all;
    above = last.lane;
  }
}
