/** Claims of tasks: the one way in which an attempt that waits for a worker gets one. */
import type { ClaimedTask, TaskClaimRequest, Turns } from '../index.ts';
import type { Connection } from './connection.ts';
import type { Names } from './names.ts';
import { lostTasks, type OpenTask, openTasks, TASK_LANES_A_SCAN } from './queries/open-tasks.ts';
import { selectHeldTasks, type TaskColumns } from './queries/select-tasks.ts';
import { takeTasks } from './queries/take-tasks.ts';

export interface TaskTools {
  readonly db: Connection;
  readonly names: Names;
  /** Whose turn it is among tenants; not that of the runs. */
  readonly turns: Turns;
}

/** Attempts that were lost, taken over by one claim: they take no slot. */
const MAX_LOST = 100;
const MAX_PER_LANE = 100;

export async function claimTasks(tools: TaskTools, request: TaskClaimRequest): Promise<ClaimedTask[]> {
  const { db, names } = tools;
  const lost = request.isFreshOnly ? [] : (await db.read(lostTasks, MAX_LOST)).map(({ num }) => num);
  const nums = [...lost, ...(await choose(tools, request))];
  if (nums.length === 0) return [];
  return (await db.write(takeTasks, await names.giveHolder(request.holder), nums)).map(claimedOf);
}

export async function heldTasks({ db }: Pick<TaskTools, 'db'>, holder: string): Promise<ClaimedTask[]> {
  return (await db.read(selectHeldTasks, holder)).map(claimedOf);
}

async function choose({ db, turns }: TaskTools, request: TaskClaimRequest): Promise<number[]> {
  if (request.limit <= 0) return [];
  const byLane = Map.groupBy(await openIn(db, request), ({ lane }) => lane);
  const lanes = [...byLane.values()].flatMap(([first]) => first ?? []).map(laneOf);
  return turns.take({
    lanes,
    limit: request.limit,
    fetch: (lane, after, count) => {
      const nums = (byLane.get(lane) ?? []).map(({ num }) => num);
      const start = after === undefined ? 0 : nums.indexOf(after.num) + 1;
      return nums.slice(start, start + count).map((num) => ({ num, dueAt: num }));
    },
  });
}

type Open = OpenTask & { readonly num: number };

/** One line a tenant, whatever the queue. */
function laneOf({ lane, tenant, priority }: Open) {
  return { num: lane, tenant, workflow: '', priority };
}

/** The oldest tasks of all lanes that this worker serves. */
async function openIn(db: Connection, request: TaskClaimRequest): Promise<Open[]> {
  const perLane = Math.min(request.limit, MAX_PER_LANE);
  const open: Open[] = [];
  for (let above = 0; ; ) {
    const rows = await db.read(openTasks, above, request.queues ?? null, request.kinds, perLane);
    open.push(...rows.filter((row): row is Open => row.num !== null));
    const last = rows.at(-1);
    if (last === undefined || new Set(rows.map(({ lane }) => lane)).size < TASK_LANES_A_SCAN) return open;
    above = last.lane;
  }
}

function claimedOf(row: TaskColumns): ClaimedTask {
  const { path, attempt, kind, queue, body: order, epoch } = row;
  return {
    run: { tenant: row.tenant, runId: row.id, num: row.run },
    path,
    attempt,
    kind,
    queue,
    order,
    epoch,
    hasBegun: row.has_begun,
    ...(row.former_holder === null ? {} : { formerHolder: row.former_holder }),
  };
}
