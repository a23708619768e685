/** Claims: the one way in which a run gets a holder after its creation. */
import { EVENT_FORMAT } from '../../run/index.ts';
import type { ClaimedRun, ClaimRequest, Served, Turns } from '../index.ts';
import type { Connection } from './connection.ts';
import type { Names } from './names.ts';
import { type DueRun, dueRuns, LANES_A_SCAN, quarantinedRuns } from './queries/due-runs.ts';
import { freeHolder } from './queries/free-holder.ts';
import { holdsAnything } from './queries/holds-anything.ts';
import { moveLane } from './queries/move-lane.ts';
import { nextDue } from './queries/next-due.ts';
import type { RunColumns } from './queries/run-columns.ts';
import { takeRuns } from './queries/take-runs.ts';
import { runRowOf } from './run-row.ts';

export interface ClaimTools {
  readonly db: Connection;
  readonly names: Names;
  readonly turns: Turns;
}

/** Looks again where others took what was chosen. */
const MAX_TRIES = 3;

/**
 * Runs of the dead are freed, with a strike each where their holder was not draining, and then claimed like any others: one path,
 * one fairness, one epoch rule. What is chosen is taken in a second statement, without waiting for anybody: whatever somebody else
 * takes or writes to in this moment is left to the next look.
 */
export async function claim(tools: ClaimTools, request: ClaimRequest): Promise<ClaimedRun[]> {
  const freed = new Set<number>();
  if (request.dead.length > 0) for (const num of await freeDead(tools, request)) freed.add(num);
  const claimed: ClaimedRun[] = [];
  if (request.limit <= 0) return claimed;
  const poisoned = request.quarantine ? await oldestInQuarantine(tools, request) : [];
  const first = await take(tools, request, poisoned);
  for (let tries = 0; tries < MAX_TRIES && first.length + claimed.length < request.limit; tries += 1) {
    const limit = request.limit - first.length - claimed.length;
    const nums = await choose(tools, request, limit);
    const taken = await take(tools, request, nums);
    claimed.push(...taken.map((row) => claimedOf(row, freed)));
    if (taken.length === nums.length) break;
  }
  return [...first.map((row) => claimedOf(row, freed)), ...claimed];
}

async function freeDead({ db }: ClaimTools, { dead, now }: ClaimRequest): Promise<number[]> {
  const known = await db.read(holdsAnything, dead);
  const freed: number[] = [];
  for (const { id } of known) freed.push(...(await db.write(freeHolder, id, now, null, true)).map(numOf));
  return freed;
}

function numOf({ num }: { readonly num: number }): number {
  return num;
}

async function choose(tools: ClaimTools, request: ClaimRequest, limit: number): Promise<number[]> {
  const due = await dueIn(tools.db, dueRuns, { ...request, limit });
  const byLane = Map.groupBy(due, ({ lane }) => lane);
  const lanes = [...byLane.values()].flatMap(([first]) => first ?? []).map(laneOf);
  return tools.turns.take({
    lanes,
    limit,
    fetch: (lane, after, count) => {
      const runs = (byLane.get(lane) ?? []).map((run) => ({ num: run.num, dueAt: run.due_at }));
      const start = after === undefined ? 0 : runs.findIndex(({ num }) => num === after.num) + 1;
      return runs.slice(start, start + count);
    },
  });
}

/** One run in quarantine: the one that is due longest. */
async function oldestInQuarantine({ db }: ClaimTools, request: ClaimRequest): Promise<number[]> {
  const due = await dueIn(db, quarantinedRuns, { ...request, limit: 1 });
  const [first] = due.toSorted((a, b) => a.due_at - b.due_at || a.num - b.num);
  return first === undefined ? [] : [first.num];
}

type Due = DueRun & { readonly num: number; readonly due_at: number };

function laneOf({ lane, tenant, workflow, priority }: Due) {
  return { num: lane, tenant, workflow, priority };
}

/** Runs fetched of one lane at most: a worker that has more places looks again. */
const MAX_PER_LANE = 100;

/** Due runs of served lanes: the first window of lanes that has any. */
async function dueIn(db: Connection, runs: typeof dueRuns, request: ClaimRequest): Promise<Due[]> {
  const { workflows, versions } = servedLists(request.serves);
  const perLane = Math.min(request.limit, MAX_PER_LANE);
  for (let above = 0; ; ) {
    const rows = await db.read(runs, above, workflows, versions, EVENT_FORMAT, request.now, perLane);
    const due = rows.filter((row): row is Due => row.num !== null);
    const last = rows.at(-1);
    const lanes = new Set(rows.map(({ lane }) => lane)).size;
    if (due.length > 0 || last === undefined || lanes < LANES_A_SCAN) return due;
    above = last.lane;
  }
}

/** Each version with its workflow beside it. */
function servedLists(serves: readonly Served[]): {
  readonly workflows: readonly string[];
  readonly versions: readonly string[];
} {
  const pairs = serves.flatMap(({ workflow, versions }) =>
    versions.map((version) => ({ workflow, version })),
  );
  return {
    workflows: pairs.map(({ workflow }) => workflow),
    versions: pairs.map(({ version }) => version),
  };
}

async function take(
  { db, names }: ClaimTools,
  request: ClaimRequest,
  nums: readonly number[],
): Promise<RunColumns[]> {
  if (nums.length === 0) return [];
  const rows = await db.write(takeRuns, await names.giveHolder(request.holder), nums);
  for (const row of rows) if (row.format !== EVENT_FORMAT) await toOwnFormat({ db, names }, row);
  return rows;
}

/**
 * A claimed run moves to the lane of the event format that its new holder writes, so that no older worker claims it later and
 * meets events that it does not know.
 */
async function toOwnFormat({ db, names }: Pick<ClaimTools, 'db' | 'names'>, row: RunColumns): Promise<void> {
  const { workflow, version, priority } = row;
  const tenant = await names.giveTenant(row.tenant);
  await db.write(moveLane, await names.giveLane({ tenant, workflow, version, priority }), row.num);
}

function claimedOf(row: RunColumns, freed: ReadonlySet<number>): ClaimedRun {
  const { strikes } = row;
  return { row: runRowOf(row), strikes, wasTaken: freed.has(row.num) || strikes > 0 };
}

/** The earliest due time in served lanes; overdue runs in quarantine wait for a place there, not for a time. */
export async function nextDueAt(
  { db }: Pick<ClaimTools, 'db'>,
  serves: readonly Served[],
  now: number,
): Promise<number | undefined> {
  const { workflows, versions } = servedLists(serves);
  const [row] = await db.read(nextDue, workflows, versions, EVENT_FORMAT, now);
  return row?.due_at ?? undefined;
}
