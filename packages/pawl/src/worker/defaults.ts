/** Every default and limit of the worker, in one place. */

export const WORKER_DEFAULTS = {
  /** Attempts that execute at the same time. */
  slots: 100,
  /** Runs that are driven at the same time. */
  runs: 1_000,
  /** How long a run that only waits stays in memory. */
  evictAfterMs: 30_000,
  /** How long a replay waits for a call that the log expects. */
  replayPatienceMs: 5_000,
} as const;

/** A start that has not reached the disk with another commit is written in its own right after this. */
export const START_BEHIND_MS = 25;
/** A heartbeat writes one row this often; a holder is silent after three of them. */
export const BEAT_MS = 10_000;
/** A holder whose beat has not changed for this long, on the observer's monotonic clock, has lost its runs. */
export const SILENT_MS = 30_000;
/** Before an at-most-once step fires, the last beat must be younger than this. */
export const FRESH_BEAT_MS = 20_000;
/** The net under the wake-ups; jittered by a fifth. */
export const POLL_MS = 5_000;
/** A poll looks everywhere this often, whether another process has written or not. */
export const ROUND_MS = 60_000;
/** How often dead processes are looked for while others hold runs. */
export const DEATH_LOOK_MS = 500;
/** From so many strikes on a run is driven alone; at the second number it is parked as poisoned. */
export const QUARANTINE_STRIKES = 2;
export const POISON_STRIKES = 5;
/** A run in quarantine that has not killed its process in this time keeps nobody else out any more. */
export const QUARANTINE_MS = 60_000;
/** How long an aborted attempt of a kind (and of a closure) may take to clean up before it is left behind. */
export const KIND_GRACE_MS = 6_000;
export const CLOSURE_GRACE_MS = 50;
/** Events read at once. */
export const LOG_PAGE = 1_000;
/** Batches in one group commit. */
export const MAX_GROUP = 1_000;
/** Characters of payload in one group commit: it takes no further batch then. A group that takes long is waited for in vain. */
export const MAX_GROUP_LENGTH = 8_388_608;
/** While a worker has tasks of other runs it looks this often whether they are still its own, beside what commits tell. */
export const TASK_LOOK_MS = 500;
/** The net under the word of changes, for workers outside that wait. */
export const OUTSIDE_LOOK_MS = 1_000;
/** Progress entries of one attempt. */
export const MAX_PROGRESS = 1_000;
/** So many refused batches in a row of one run end it. */
export const MAX_REFUSALS = 100;
/** Deadline of `onCancel`. */
export const ON_CANCEL_MS = 60_000;
