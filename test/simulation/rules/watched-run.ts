/** What the observer knows of one run: its row, its log, and what the log folds to. */
import type { RunState, StoredEvent } from '../../../packages/pawl/src/run/index.ts';

/** A row of `runs`, as it stands in the store. */
export interface RowNow {
  readonly num: number;
  readonly id: string;
  readonly workflow: string;
  readonly version: string;
  readonly status: string;
  readonly park_reason: string | null;
  readonly holder: string | null;
  readonly epoch: number;
  readonly strikes: number;
  readonly due_at: number | null;
  readonly last_seq: number;
  readonly arrived_seq: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly parent_id: string | null;
  readonly parent_path: string | null;
}

export interface WatchedRun {
  readonly id: string;
  readonly num: number;
  row: RowNow;
  readonly events: StoredEvent[];
  /** Folded event by event, with everything that ended. */
  readonly state: RunState;
  /** Folded the way a worker does it: what ended is forgotten. */
  readonly lean: RunState;
  /** Ends of attempts by `path@attempt`, and of steps, waits and children by path. */
  readonly ends: Map<string, string>;
  /** Attempts whose start is in the log, as `path@attempt`. */
  readonly starts: Set<string>;
  /** When each of `ends` was written, in world time. */
  readonly endedAt: Map<string, number>;
  /** Attempts that were scheduled for a worker of their queue, as `path@attempt`. */
  readonly scheduled: Set<string>;
  /** Starts of such attempts, by whom and when. */
  readonly taskStarts: Map<string, { readonly holder: string; readonly atMs: number }>;
  /** When each holder lost the run, in world time. */
  readonly lostAt: Map<string, number>;
  /** Who held it last, and since when each former holder has had another one after it. */
  lastHolder: string | null;
  readonly followedAt: Map<string, number>;
  /** When its status changed last, in world time. */
  since: number;
  /** When it was paused or cancelled last, in world time. */
  heldBackAt: number | undefined;
}
