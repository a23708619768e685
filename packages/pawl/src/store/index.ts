/** The door of the store port: what every store promises. */
export {
  type Arrival,
  type Batch,
  type Behind,
  type CommitAnswer,
  type Committed,
  type Conclusion,
  type CreatedRun,
  EXTERNAL,
  type Fence,
  type LedgerEntry,
  type NewRun,
  type Refused,
  type Requirement,
} from './batch.ts';
export { checksumOf, decodeEvent, encodeEvent, eventName, isEncodeProblem } from './codec/index.ts';
export type {
  NewWorker,
  NewWorkflow,
  RunFilter,
  RunRow,
  WaitFilter,
  WaitRow,
  WorkerRow,
  WorkflowRow,
} from './rows.ts';
export type { ClaimedTask, NewTask, TaskClaimRequest, TaskFence } from './tasks.ts';
export {
  type BlobRef,
  type ChangeListener,
  type ClaimedRun,
  type ClaimRequest,
  DEFAULT_STORE_LIMITS,
  type EncodedEvent,
  type Pruned,
  type PruneRequest,
  type Served,
  type Store,
  type StoreLimits,
} from './store.ts';
