/** What events do to the rows of open waits; `pawl.project_waits_1` does it. */
import type { NewEvent } from '../../run/index.ts';

/** `o`: path, kind, name, message, due time, place among the events (from 1). `c`: path. `s`: name. */
type WaitMove = readonly (string | number | null)[];

/**
 * The rows are what people list and what arrivals are checked against; who gets a signal is decided by the fold alone.
 */
export function waitMoves(events: readonly NewEvent[]): WaitMove[] {
  const moves: WaitMove[] = [];
  for (const [index, event] of events.entries()) {
    const path = event.path ?? '';
    switch (event.type) {
      case 'wait.opened': {
        const { kind, name, message = null, dueAt = null } = event.data;
        moves.push(['o', path, kind, name, shown(message), whole(dueAt), index + 1]);
        break;
      }
      case 'approval.requested': {
        const { name, message, dueAt = null } = event.data;
        moves.push(['o', path, 'approval', name, shown(message), whole(dueAt), index + 1]);
        break;
      }
      case 'signal.received':
        moves.push(['s', event.data.name]);
        break;
      case 'wait.resolved':
      case 'wait.expired':
      case 'wait.cancelled':
        moves.push(['c', path]);
        break;
      default:
    }
  }
  return moves;
}

/** A list shows what PostgreSQL can hold; the event has the message as it was. */
function shown(message: string | null): string | null {
  return message === null ? null : message.toWellFormed().replaceAll('\u0000', '\ufffd');
}

/** A part of a millisecond is not over before its end. */
function whole(dueAt: number | null): number | null {
  return dueAt === null ? null : Math.ceil(dueAt);
}
