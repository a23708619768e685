/** The door of the worker: what drives runs, and the journal that it writes through. */
export { canCancelAtOnce, cancelBatch } from './cancel-at-once.ts';
export { WORKER_DEFAULTS } from './defaults.ts';
export { hasCleanUp } from './drivers.ts';
export type { CommitListener } from './group-commit.ts';
export { Journal } from './journal.ts';
export { type OutsideClaim, OutsideDesk, type OutsideEnd, type OutsideTask } from './outside-desk.ts';
export { Secrets } from './secrets.ts';
export { Worker, type WorkerSetup } from './worker.ts';
