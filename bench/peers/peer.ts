/** What a peer is: an engine that does the work of the workloads, and what has to be said of it beside its figures. */
import type { Work } from './work.ts';

export type ServerKind = 'file' | 'postgres' | 'redis' | 'restate';

/** Where a peer keeps its data for one measurement, and where it reaches its server. */
export interface Place {
  readonly kind: ServerKind;
  /** Empty at first, on the real disk. Of `file` peers: their database; of servers: whatever they write. */
  readonly folder: string;
  /** Of `postgres`: an empty database. Of `restate`: where runs are started. */
  readonly url: string;
  /** Of `redis`: the server's port. Of `restate`: the port at which the process with the steps listens. */
  readonly port: number;
  /** Of `restate`: where that process is made known. */
  readonly adminUrl: string;
}

export interface RunOptions {
  readonly id: string;
  readonly steps: number;
}

/** An engine that is open in this process. */
export interface Session {
  /** Starts a run of steps one after the other; done when the caller has its result. */
  run(options: RunOptions): Promise<void>;
  /** Takes up a run of a process that died, where the engine does not do so by itself. */
  takeUp?(options: RunOptions): Promise<void>;
  /** A run of so many steps at the same time, and their sum. */
  fanOut?(steps: number): Promise<number>;
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly place: Place;
  readonly work: Work;
  /** How many runs (or jobs) the worker may have under way, where it wants to be told. */
  readonly concurrency: number;
}

export type WorkloadId = 'W1' | 'W2' | 'W3' | 'W4' | 'W6';

export interface Peer {
  /** `--only dbos,pawl` takes all whose id is or begins with the word. */
  readonly id: string;
  readonly title: string;
  /** The npm packages whose versions are told; the first one is the engine. */
  readonly packages: readonly string[];
  readonly server: ServerKind;
  /** With which settings it is durable, and which of them are not its defaults. */
  readonly durability: string;
  /** What is sure about a step once its successor begins. */
  readonly guarantee: string;
  /** What stands for a run and for a step. */
  readonly mapping: string;
  /** Why it does not take part in a workload. */
  readonly absent?: Readonly<Partial<Record<WorkloadId | 'W5', string>>>;
  /** What a reader of a figure has to know. */
  readonly notes?: Readonly<Partial<Record<WorkloadId | 'W5', string>>>;
  /** The longest run that it allows; 5,200 steps when left out. */
  readonly maxSteps?: number;
  /** Whether all runs of W2 are started at once, 100 of them under way in the worker; else a run waits for the end of another. */
  readonly startsAllAtOnce?: boolean;
  /** For how long a killed process may be missed; 30 s when left out. Beyond ten seconds it is measured once. */
  readonly takeOverMs?: number;
  open(options: SessionOptions): Promise<Session>;
}
