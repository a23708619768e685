/** What a world stands on: a real store, as each of its processes reaches it, and what stands in it. */
import type { Store } from '../../../packages/pawl/src/store/index.ts';
import type { RowNow } from '../rules/watched-run.ts';
import type { TaskNow } from '../rules/task-rows.ts';
import type { WorldClock } from './clock.ts';
import type { StoreCall } from './faulty-store.ts';
import type { Process } from './process.ts';
import type { ProcessTable } from './process-table.ts';

/** A real store as one process reaches it. */
export interface Reached {
  readonly store: Store;
  /** Its process dies inside of the next call, after so many more statements. */
  arm(statements: number): void;
  /** The line of its next write really breaks: before it arrives, or before its answer comes back. Missing where there is no line. */
  readonly loseNext?: (what: 'request' | 'answer') => void;
  /** The line really breaks, with nothing on it. */
  readonly cut?: () => Promise<void>;
}

/** Everything that stands in a store. */
export interface StoreNow {
  readonly runs: readonly RowNow[];
  readonly tasks: readonly TaskNow[];
  /** Workers that drain. */
  readonly draining: readonly string[];
  /** Tokens that a run used, by the ledger. */
  usedBy(run: number): number;
  /** Paths of the open waits of a run that are no signals. */
  waitsOf(run: number): readonly string[];
}

export interface GroundSetup {
  readonly seed: number;
  readonly clock: WorldClock;
  readonly table: ProcessTable;
}

export interface Ground {
  /** The store as nobody's: what the observer reads. */
  readonly own: Store;
  /** Makes it empty. */
  begin(): Promise<void>;
  reach(process: Process): Promise<Reached>;
  /** What stands in it; undefined where nothing was written since the last look. */
  look(): Promise<StoreNow | undefined>;
  /** Runs something, with whatever it asks of the store, between two writes of others. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** A commit whose sender waits no more arrives. */
  land(call: StoreCall): Promise<unknown>;
  /** Resolves when nothing is left to do without the time moving. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Makes what a world stands on. */
export type NewGround = (setup: GroundSetup) => Ground;
