/** Rows of open waits, kept in the transaction of the events that open and close them. */
import type { NewEvent } from '../../run/index.ts';
import type { Connection } from './connection.ts';
import type { Head } from './head.ts';
import { addBufferedSignal } from './queries/add-buffered-signal.ts';
import { deleteRunSignals } from './queries/delete-run-signals.ts';
import { deleteRunWaits } from './queries/delete-run-waits.ts';
import { deleteWait } from './queries/delete-wait.ts';
import { insertWait } from './queries/insert-wait.ts';
import { markWaits } from './queries/mark-waits.ts';
import { selectSignalWait } from './queries/select-signal-wait.ts';
import { takeBufferedSignal } from './queries/take-buffered-signal.ts';

/** The open transaction. */
interface Transaction {
  readonly db: Connection;
  /** The store's clock, one reading for the whole transaction. */
  readonly now: number;
}

const PROJECTED: ReadonlySet<string> = new Set([
  'wait.opened',
  'approval.requested',
  'wait.resolved',
  'wait.expired',
  'wait.cancelled',
  'signal.received',
]);

/** Whether an event opens or closes a wait. */
export function isProjected(type: string): boolean {
  return PROJECTED.has(type);
}

/**
 * Follows one event that stands at the head's last seq. The rows are what people list and what arrivals are checked against;
 * who gets a signal is decided by the fold alone. The count of buffered signals is advisory: a signal that went back to the
 * buffer when its scope was sealed is not counted again, so that a later wait may be listed although it is answered already.
 */
export function project(transaction: Transaction, head: Head, event: NewEvent): void {
  if (!head.hasWaits) {
    transaction.db.run(markWaits, head.num);
    head.hasWaits = true;
  }
  switch (event.type) {
    case 'wait.opened':
      if (
        event.data.kind === 'signal' &&
        transaction.db.run(takeBufferedSignal, head.num, event.data.name) > 0
      )
        return;
      open(transaction, head, { ...event.data, path: event.path ?? '' });
      return;
    case 'approval.requested':
      open(transaction, head, { ...event.data, path: event.path ?? '', kind: 'approval' });
      return;
    case 'signal.received':
      receive(transaction, head, event.data.name);
      return;
    case 'wait.resolved':
    case 'wait.expired':
    case 'wait.cancelled':
      transaction.db.run(deleteWait, head.num, event.path ?? '');
      return;
    default:
  }
}

/** A run that ended waits for nothing. */
export function projectEnd({ db }: Transaction, head: Head): void {
  if (!head.hasWaits) return;
  db.run(deleteRunWaits, head.num);
  db.run(deleteRunSignals, head.num);
}

interface Opened {
  readonly path: string;
  readonly kind: 'sleep' | 'signal' | 'input' | 'approval';
  readonly name: string;
  readonly message?: string | undefined;
  readonly dueAt?: number | undefined;
}

function open({ db, now }: Transaction, head: Head, wait: Opened): void {
  const { path, kind, name, message = null, dueAt = null } = wait;
  db.run(insertWait, head.num, path, head.tenant, kind, name, message, head.lastSeq, now, dueAt);
}

function receive({ db }: Transaction, head: Head, name: string): void {
  const wait = db.get(selectSignalWait, head.num, name);
  if (wait === undefined) db.run(addBufferedSignal, head.num, name);
  else db.run(deleteWait, head.num, wait.path);
}
