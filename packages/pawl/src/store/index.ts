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
export { checksumOf, decodeEvent, eventName } from './codec/index.ts';
export { inEachPart, partOf } from './parts.ts';
export {
  isRefused,
  prepareBatch,
  type PreparedArrival,
  type PreparedBatch,
  type PreparedConclusion,
  type PreparedEvent,
  type PreparedRun,
} from './prepare.ts';
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
  BLOB_LIFE_MS,
  type BlobRef,
  type ChangeListener,
  type ClaimedRun,
  type ClaimRequest,
  DEFAULT_STORE_LIMITS,
  type EncodedEvent,
  type Parts,
  PRUNE_WINDOW,
  type Pruned,
  type PruneRequest,
  type Served,
  type Store,
  type StoreLimits,
} from './store.ts';
export { Turns } from './turns.ts';
