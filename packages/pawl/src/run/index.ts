/** The door of the run: its events, its state, the one fold, and what drivers ask for. */
export type { ChildSpec, Command, ReconcileContext, Reconciliation, StepSpec, WaitSpec } from './commands.ts';
export type { Delivery } from './delivery.ts';
export {
  type After,
  EVENT_DATA,
  EVENT_FORMAT,
  type EventData,
  type EventType,
  type FoldedStart,
  type NewEvent,
  type StoredEvent,
} from './events.ts';
export type { GivenUp, Limited, RecordedCall, RunDriver, StopOrder, UnseenSignal } from './driver.ts';
export { emptyState, fold, foldAll } from './fold.ts';
export { CHILD_KIND } from './fold-children.ts';
export { CLOSURE_KIND } from './fold-steps.ts';
export { isName, pathOf, requireName, type StepPath } from './path.ts';
export { DEFAULT_TENANT, runKey, type RunRef } from './refs.ts';
export {
  type BufferedSignal,
  type ChildState,
  isOpenStep,
  type MarkerKind,
  type RunState,
  type StateOptions,
  type StepState,
  type WaitState,
} from './state.ts';
export {
  isTerminal,
  isWokenByArrival,
  nextStatus,
  type ParkReason,
  RUN_STATUSES,
  type RunStatus,
  type StepStatus,
} from './status.ts';
export { type AnyWorkflow, type CancelContext, isWorkflow } from './workflow.ts';
