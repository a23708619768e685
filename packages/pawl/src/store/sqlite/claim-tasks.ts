/** Claims of tasks: the one way in which an attempt that waits for a worker gets one. */
import type { ClaimedTask, TaskClaimRequest, Turns } from '../index.ts';
import type { Connection } from './connection.ts';
import type { Names } from './names.ts';
import { lostTasks } from './queries/lost-tasks.ts';
import { type OpenTaskLane, openTaskLanes, TASK_LANES_A_SCAN } from './queries/open-task-lanes.ts';
import { openTasks } from './queries/open-tasks.ts';
import { selectHeldTasks, selectTask, type TaskColumns } from './queries/select-tasks.ts';
import { takeTask } from './queries/take-task.ts';
import type { Writer } from './writer.ts';

export interface TaskTools {
  readonly db: Connection;
  readonly names: Names;
  readonly writer: Writer;
  /** Whose turn it is among tenants; not that of the runs. */
  readonly turns: Turns;
}

/** Attempts that were lost, taken over by one claim: they take no slot. */
const MAX_LOST = 100;

/** First looks, and takes the write lock only where there is something to take. */
export async function claimTasks(tools: TaskTools, request: TaskClaimRequest): Promise<ClaimedTask[]> {
  const { db, names, writer } = tools;
  if (!(await writer.read(() => hasTask(db, request)))) return [];
  return writer.write(() => {
    const lost = request.isFreshOnly ? [] : db.all(lostTasks, MAX_LOST).map(({ num }) => num);
    const nums = [...lost, ...choose(tools, request)];
    const holder = names.giveHolder(request.holder);
    return nums.flatMap((num) => {
      if (db.run(takeTask, holder, num) === 0) return [];
      const row = db.get(selectTask, num);
      return row === undefined ? [] : [claimedOf(row)];
    });
  });
}

export function heldTasks({ db, names }: Pick<TaskTools, 'db' | 'names'>, holder: string): ClaimedTask[] {
  const num = names.holder(holder);
  return num === undefined ? [] : db.all(selectHeldTasks, num).map(claimedOf);
}

function hasTask(db: Connection, request: TaskClaimRequest): boolean {
  return (
    (!request.isFreshOnly && db.all(lostTasks, 1).length > 0) ||
    (request.limit > 0 && servedLanes(db, request).length > 0)
  );
}

function choose({ db, turns }: TaskTools, request: TaskClaimRequest): number[] {
  if (request.limit <= 0) return [];
  const lanes = servedLanes(db, request).map(({ lane, tenant, priority }) => ({
    num: lane,
    tenant,
    workflow: '', // one line a tenant, whatever the queue
    priority,
  }));
  return turns.take({
    lanes,
    limit: request.limit,
    fetch: (lane, after, count) =>
      db.all(openTasks, lane, after?.num ?? 0, count).map(({ num }) => ({ num, dueAt: num })),
  });
}

/** All lanes that this worker serves and that have something to begin. */
function servedLanes(db: Connection, { queues, kinds }: TaskClaimRequest): OpenTaskLane[] {
  const served: OpenTaskLane[] = [];
  for (let above = -1; ; ) {
    const scanned = db.all(openTaskLanes, above);
    for (const lane of scanned)
      if (kinds.includes(lane.kind) && (queues === undefined || queues.includes(lane.queue)))
        served.push(lane);
    const last = scanned.at(-1);
    if (last === undefined || scanned.length < TASK_LANES_A_SCAN - 1) return served;
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
    hasBegun: row.has_begun === 1,
    ...(row.former_holder === null ? {} : { formerHolder: row.former_holder }),
  };
}
