/** Rows of tasks, kept in the transaction of the events that schedule, begin and end their attempts. */
import type { NewEvent } from '../../run/index.ts';
import type { NewTask } from '../index.ts';
import type { Connection } from './connection.ts';
import { type Head, phaseOf } from './head.ts';
import { beginTask } from './queries/begin-task.ts';
import { deleteRunTasks } from './queries/delete-run-tasks.ts';
import { deleteTask } from './queries/delete-task.ts';
import { insertTask } from './queries/insert-task.ts';
import { insertTaskLane } from './queries/insert-task-lane.ts';
import { selectTaskLane } from './queries/select-task-lane.ts';
import { stopTasks } from './queries/stop-tasks.ts';

/** The open transaction. */
interface Transaction {
  readonly db: Connection;
  readonly now: number;
}

const FOLLOWED: ReadonlySet<string> = new Set([
  'step.started',
  'step.completed',
  'step.retried',
  'step.failed',
  'step.lost',
  'step.skipped',
  'step.cancelled',
  'run.parked',
  'run.paused',
  'run.resumed',
  'run.cancel_requested',
]);

/** Whether an event may concern tasks. */
export function concernsTasks(type: string): boolean {
  return FOLLOWED.has(type);
}

export function addTask({ db, now }: Transaction, head: Head, task: NewTask): void {
  const { path, attempt, queue, kind, priority, order } = task;
  db.run(insertTaskLane, head.tenant, queue, kind, priority);
  const lane = db.get(selectTaskLane, head.tenant, queue, kind, priority)?.num;
  if (lane === undefined) throw new Error('a lane of tasks has no number');
  db.run(insertTask, head.num, path, attempt, lane, now, isStopped(head), order);
}

/** Follows one event that stands at the head's last seq. */
export function projectTask({ db }: Transaction, head: Head, event: NewEvent): void {
  const { path = '' } = event;
  const { attempt = 1 } = event.data as { readonly attempt?: number };
  if (event.type.startsWith('run.')) db.run(stopTasks, isStopped(head), head.num);
  else if (event.type === 'step.started') db.run(beginTask, head.num, path, attempt);
  else db.run(deleteTask, head.num, path, event.type === 'step.skipped' ? Number.MAX_SAFE_INTEGER : attempt);
}

/** A run that ended has no tasks. */
export function endTasks({ db }: Transaction, head: Head): void {
  db.run(deleteRunTasks, head.num);
}

function isStopped(head: Head): number {
  return phaseOf(head.status) === 1 ? 1 : 0;
}
