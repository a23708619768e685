/** The state machine of a run, as one table: which event moves which status where. */

export const RUN_STATUSES = [
  'queued',
  'running',
  'waiting',
  'parked',
  'paused',
  'completed',
  'failed',
  'cancelled',
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export const STEP_STATUSES = [
  'pending',
  'running',
  'waiting',
  'completed',
  'failed',
  'skipped',
  'cancelled',
] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

export const PARK_REASONS = [
  'retries_exhausted',
  'diverged',
  'unknown_effect',
  'poisoned',
  'step_limit',
  'deadlocked',
  'budget_exceeded',
  'escalated',
] as const;
export type ParkReason = (typeof PARK_REASONS)[number];

/** Terminal statuses never change. */
export function isTerminal(status: RunStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** Events that set a status by themselves. */
const SETS: Readonly<Record<string, RunStatus>> = {
  'run.created': 'queued',
  'run.started': 'running',
  'run.waiting': 'waiting',
  'run.parked': 'parked',
  'run.paused': 'paused',
  'run.resumed': 'queued',
  'run.completed': 'completed',
  'run.failed': 'failed',
  'run.cancelled': 'cancelled',
};

/** Facts of a holder: a run in which one of these happens is running, unless it is held back (parked, paused) or over. */
const MOVES: ReadonlySet<string> = new Set([
  'step.scheduled',
  'step.started',
  'step.completed',
  'step.retried',
  'step.failed',
  'step.lost',
  'step.progressed',
  'wait.opened',
  'approval.requested',
  'child.started',
]);

/**
 * The status after an event. `run.started` and `run.waiting` do not undo a pause or a park, and nothing follows a terminal status.
 */
export function nextStatus(status: RunStatus, eventType: string): RunStatus {
  if (isTerminal(status)) return status;
  const set = SETS[eventType];
  const isHeldBack = status === 'parked' || status === 'paused';
  if (eventType === 'run.cancel_requested') return isHeldBack ? 'queued' : status;
  if (set === undefined) return MOVES.has(eventType) && !isHeldBack ? 'running' : status;
  if (isHeldBack && (set === 'running' || set === 'waiting')) return status;
  return set;
}

/** Whether an arrival makes a run with this status due (cancel and the operator's verbs make any unfinished run due). */
export function isWokenByArrival(status: RunStatus): boolean {
  return status === 'queued' || status === 'waiting' || status === 'running';
}
