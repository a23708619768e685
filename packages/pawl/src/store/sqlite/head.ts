/** A run's row while a transaction works on it: read once, moved in memory, written once. */
import { isTerminal, type NewEvent, nextStatus, type RunStatus } from '../../run/index.ts';
import type { Connection } from './connection.ts';
import { type Advance, advanceRun } from './queries/advance-run.ts';
import { type HandOver, handOverRun } from './queries/hand-over-run.ts';
import type { HeadColumns } from './queries/select-head.ts';
import { turnRun } from './queries/turn-run.ts';

/** What must be written: nothing, the log's growth, holder and due time too, or also whether it stopped or ended. */
const UNCHANGED = 0;
const ADVANCED = 1;
const HANDED_OVER = 2;
const TURNED = 3;

export interface Head {
  readonly num: number;
  readonly tenant: number;
  readonly id: string;
  status: RunStatus;
  /** Known only where this transaction parked the run. */
  parkReason: string | null;
  /** Whether it ever opened a wait or got a signal: else its end has none to clear. */
  hasWaits: boolean;
  holder: number | null;
  readonly epoch: number;
  strikes: number;
  dueAt: number | null;
  lastSeq: number;
  arrivedSeq: number;
  inputTokens: number;
  outputTokens: number;
  costNanoUsd: number;
  /** One of the four above. */
  change: number;
}

export function headOf(row: HeadColumns): Head {
  const [num, tenant, id, status, hasWaits, holder, epoch, strikes, dueAt, lastSeq, arrivedSeq] = row;
  return {
    num,
    tenant,
    id,
    status: status as RunStatus,
    parkReason: null,
    hasWaits: hasWaits === 1,
    holder,
    epoch,
    strikes,
    dueAt,
    lastSeq,
    arrivedSeq,
    inputTokens: row[11],
    outputTokens: row[12],
    costNanoUsd: row[13],
    change: UNCHANGED,
  };
}

/** What the indexes of lists know of a status. */
export function phaseOf(status: RunStatus): number {
  if (status === 'parked' || status === 'paused') return 1;
  if (status === 'completed') return 2;
  return status === 'failed' || status === 'cancelled' ? 3 : 0;
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
  raise(head, ADVANCED);
  addUsage(head, event);
  if (head.strikes !== 0 && OUTCOMES.has(event.type)) set(head, 'strikes', 0);
  const status = nextStatus(head.status, event.type);
  if (event.type === 'run.parked' && status === 'parked') {
    head.parkReason = event.data.reason;
    raise(head, TURNED);
  }
  if (status === head.status) return;
  if (phaseOf(status) !== phaseOf(head.status)) raise(head, TURNED);
  if (status !== 'parked') head.parkReason = null;
  head.status = status;
  if (isTerminal(status)) giveBack(head, null);
}

/** Takes the holder away; a run that is given back has no strikes. */
function giveBack(head: Head, dueAt: number | null): void {
  set(head, 'holder', null);
  set(head, 'strikes', 0);
  set(head, 'dueAt', dueAt);
}

export function set<Key extends 'holder' | 'strikes' | 'dueAt'>(
  head: Head,
  key: Key,
  value: Head[Key],
): void {
  if (head[key] === value) return;
  head[key] = value;
  raise(head, HANDED_OVER);
}

function raise(head: Head, change: number): void {
  if (head.change < change) head.change = change;
}

function addUsage(head: Head, event: NewEvent): void {
  const usage = 'usage' in event.data ? event.data.usage : undefined;
  if (usage === undefined) return;
  head.inputTokens += usage.inputTokens;
  head.outputTokens += usage.outputTokens;
  head.costNanoUsd += usage.costNanoUsd;
}

/** Writes what changed, by the statement that touches the fewest indexes. */
export function writeHead(db: Connection, head: Head, now: number): void {
  const { change, num } = head;
  head.change = UNCHANGED;
  if (change === UNCHANGED) return;
  const { lastSeq, arrivedSeq, status, inputTokens, outputTokens, costNanoUsd } = head;
  const advance: Advance = [lastSeq, arrivedSeq, now, status, inputTokens, outputTokens, costNanoUsd];
  if (change === ADVANCED) {
    db.run(advanceRun, ...advance, num);
    return;
  }
  const handOver: HandOver = [...advance, head.holder, head.strikes, head.dueAt];
  if (change === HANDED_OVER) db.run(handOverRun, ...handOver, num);
  else db.run(turnRun, ...handOver, phaseOf(status), head.parkReason, num);
}
