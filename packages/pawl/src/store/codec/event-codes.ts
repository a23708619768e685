/** The number of each event type in stored rows: given once, never changed, never given again. */
import type { EventType } from '../../run/index.ts';

const CODES: Readonly<Record<EventType, number>> = {
  'run.created': 1,
  'run.started': 2,
  'run.waiting': 3,
  'run.parked': 4,
  'run.paused': 5,
  'run.resumed': 6,
  'run.cancel_requested': 7,
  'run.cancelled': 8,
  'run.completed': 9,
  'run.failed': 10,
  'step.started': 20,
  'step.completed': 21,
  'step.retried': 22,
  'step.failed': 23,
  'step.lost': 24,
  'step.skipped': 25,
  'step.cancelled': 26,
  'step.progressed': 27,
  'step.scheduled': 28,
  'wait.opened': 40,
  'approval.requested': 41,
  'approval.decided': 42,
  'wait.resolved': 43,
  'wait.expired': 44,
  'wait.cancelled': 45,
  'signal.received': 46,
  'child.started': 60,
  'child.ended': 61,
  'marker.recorded': 70,
  'state.patched': 71,
  'usage.reported': 72,
};

const TYPES = new Map(Object.entries(CODES).map(([type, code]) => [code, type as EventType]));

export function codeOfType(type: EventType): number {
  return CODES[type];
}

/** The type of a code; undefined where a newer Pawl wrote it, or it is damaged. */
export function typeOfCode(code: number): EventType | undefined {
  return TYPES.get(code);
}
