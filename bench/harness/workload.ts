/** What a workload is: the two sides that do the same work, and the figures that come out of it. */
import type { Server } from '../postgres/server.ts';

/** Named figures of one measurement. */
export type Sample = Readonly<Record<string, number>>;

/** Where a side may put its files: an empty folder of its own, removed afterwards. */
export interface Place {
  readonly folder: string;
  /** How many finished runs the `open` workload puts into its database. */
  readonly finishedRuns: number;
  /** Where the workloads of the PostgreSQL store make their databases. */
  readonly server: Server | undefined;
}

/** A side that is ready to work: measured once for a report, many times for a profile. */
export interface Bed {
  measure(): Promise<Sample>;
  close(): Promise<void>;
}

export type Side = (place: Place) => Promise<Bed>;

export interface Metric {
  /** The name of the figure in the samples. */
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** What Pawl promises on the development machine; figures without one only inform. */
  readonly target?: { readonly atMost: number } | { readonly atLeast: number };
}

export interface Workload {
  /** `W1-gap`; `--only W1` takes all that begin with `W1`. */
  readonly id: string;
  readonly metrics: readonly Metric[];
  /** The toy journal; left out where nothing without an engine does this work. */
  readonly floor?: Side;
  readonly pawl: Side;
  /** Measurements a side, where the work itself asks for another number than the report does. */
  readonly pairs?: number;
  /**
   * Measurements that are thrown away before the one that counts, on the same database and engine: a write-ahead log that still
   * grows costs two to three times as much a commit as one that is written over, and code that is still interpreted twice as much.
   */
  readonly seasoning?: number;
  /** Measurements whose median counts as one, on the same database and engine: 1 when left out. */
  readonly rounds?: number;
  /** Whether its time is spent waiting, so that no warm-up is needed. */
  readonly isCold?: boolean;
}
