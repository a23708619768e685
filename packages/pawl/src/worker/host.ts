/** What a session takes from the worker that drives it. */
import type { AnyWorkflow, RunRef } from '../run/index.ts';
import type { Store } from '../store/index.ts';
import type { AnyKind } from '../step/index.ts';
import type { PipelineHost } from './execution.ts';
import type { Journal } from './journal.ts';
import type { SharedTimer } from './shared-timer.ts';
import type { Slots } from './slots.ts';

export interface SessionSettings {
  readonly evictAfterMs: number;
  readonly replayPatienceMs: number;
}

export interface SessionHost extends PipelineHost {
  readonly store: Store;
  readonly journal: Journal;
  readonly slots: Slots;
  readonly settings: SessionSettings;
  /** Starts written behind wait so long for company. */
  readonly soon: SharedTimer;
  readonly kinds: ReadonlyMap<string, AnyKind>;
  /** Kinds whose input is part of the replay check. */
  readonly checkedKinds: ReadonlySet<string>;
  /** Queues whose steps are executed here; undefined: all. */
  readonly queues: ReadonlySet<string> | undefined;
  /** The registered workflow that serves a name and version. */
  workflowFor(name: string, version: string): AnyWorkflow | undefined;
  /** The registered workflow of a name, whatever its version. */
  latestWorkflow(name: string): AnyWorkflow | undefined;
  /** Keeps a place for a run that is about to be created here; false when there is none. */
  promisePlace(run: RunRef): boolean;
  /** Whether another worker that lives, as far as is known, serves this queue. */
  hasPeerFor(queue: string): boolean;
  /** The run will not come, or nobody will say that it has. */
  releasePlace(run: RunRef): void;
  /** Resolves as soon as this holder's last heartbeat is young enough; false where it had grown old, and runs may be lost. */
  whenBeatIsFresh(since: number): Promise<boolean>;
  /** The run was given back and is due at this time (null: only when something arrives). */
  onReleased(session: unknown, dueAt: number | null): void;
  /** The run is over but for its children: its place goes to others, who may be they. */
  onAwaitingChildren(session: unknown): void;
  /** The run is made due: there is something to do in it although it was given back. */
  nudge(run: RunRef): void;
  /** A run in quarantine has made progress. */
  onCalm(): void;
  /** The run has ended, is parked, or was lost: the session is over. */
  onClosed(session: unknown): void;
}
