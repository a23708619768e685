/** A run's row while a transaction works on it: read once, moved in memory, written once. */
import { isTerminal, type NewEvent, nextStatus, type RunStatus } from '../../run/index.ts';
import type { Connection } from './connection.ts';
import { advanceRun } from './queries/advance-run.ts';
import { moveRun } from './queries/move-run.ts';
import type { HeadColumns } from './queries/select-head.ts';

export interface Head {
  readonly num: number;
  readonly tenant: number;
  readonly id: string;
  status: RunStatus;
  parkReason: string | null;
  holder: number | null;
  readonly epoch: number;
  strikes: number;
  dueAt: number | null;
  lastSeq: number;
  arrivedSeq: number;
  inputTokens: number;
  outputTokens: number;
  costNanoUsd: number;
  /** Whether the row must be written, and whether with the columns that indexes hold. */
  change: 'none' | 'advanced' | 'moved';
}

export function headOf(row: HeadColumns): Head {
  const [num, tenant, id, status, parkReason, holder, epoch, strikes, dueAt, lastSeq, arrivedSeq] = row;
  return {
    num,
    tenant,
    id,
    status: status as RunStatus,
    parkReason,
    holder,
    epoch,
    strikes,
    dueAt,
    lastSeq,
    arrivedSeq,
    inputTokens: row[11],
    outputTokens: row[12],
    costNanoUsd: row[13],
    change: 'none',
  };
}

/** Ends of attempts that show that a run can make progress: they take its strikes away. */
const OUTCOMES: ReadonlySet<string> = new Set([
  'step.completed',
  'step.failed',
  'step.retried',
  'step.cancelled',
]);

/** Moves the head past one event: seq, status, reason, usage, strikes; a terminal status ends holder and due time. */
export function moveHead(head: Head, event: NewEvent): void {
  head.lastSeq += 1;
  if (head.change === 'none') head.change = 'advanced';
  addUsage(head, event);
  if (head.strikes !== 0 && OUTCOMES.has(event.type)) set(head, 'strikes', 0);
  const status = nextStatus(head.status, event.type);
  if (status === head.status && event.type !== 'run.parked') return;
  set(head, 'status', status);
  set(head, 'parkReason', event.type === 'run.parked' && status === 'parked' ? event.data.reason : null);
  if (isTerminal(status)) giveBack(head, null);
}

/** Takes the holder away; a run that is given back has no strikes. */
export function giveBack(head: Head, dueAt: number | null): void {
  set(head, 'holder', null);
  set(head, 'strikes', 0);
  set(head, 'dueAt', dueAt);
}

export function set<Key extends 'status' | 'parkReason' | 'holder' | 'strikes' | 'dueAt'>(
  head: Head,
  key: Key,
  value: Head[Key],
): void {
  if (head[key] === value) return;
  head[key] = value;
  head.change = 'moved';
}

function addUsage(head: Head, event: NewEvent): void {
  const usage = 'usage' in event.data ? event.data.usage : undefined;
  if (usage === undefined) return;
  head.inputTokens += usage.inputTokens;
  head.outputTokens += usage.outputTokens;
  head.costNanoUsd += usage.costNanoUsd;
}

/** Writes what changed: one statement, the small one where no indexed column moved. */
export function writeHead(db: Connection, head: Head, now: number): void {
  const { change, lastSeq, arrivedSeq, inputTokens, outputTokens, costNanoUsd, num } = head;
  head.change = 'none';
  if (change === 'none') return;
  if (change === 'advanced') {
    db.run(advanceRun, lastSeq, arrivedSeq, now, inputTokens, outputTokens, costNanoUsd, num);
    return;
  }
  const { status, parkReason, holder, strikes, dueAt } = head;
  db.run(
    moveRun,
    status,
    parkReason,
    holder,
    strikes,
    dueAt,
    lastSeq,
    arrivedSeq,
    now,
    inputTokens,
    outputTokens,
    costNanoUsd,
    num,
  );
}
