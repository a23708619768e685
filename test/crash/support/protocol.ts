/** What the tests and their worker processes say to each other: one plan at the start, then JSON lines both ways. */
import type { Engine } from '../../../packages/pawl/src/index.ts';
import type { Deploy } from './workflows.ts';

/** How the time of a worker process differs from the machine's. */
export interface TimePlan {
  /** Timers of 400 ms and more (polls, beats, looks for the dead) run so many times faster. */
  readonly hurry?: number;
  /** Timers of so many milliseconds and more never fire: what still happens was not brought about by a poll. */
  readonly noTimersFrom?: number;
  /** The monotonic clock stands still, so that no peer can ever be judged by its silence. */
  readonly isNeverSilent?: boolean;
  /** A file whose length is so many seconds that the clocks are ahead: time that passes while the process is stopped. */
  readonly aheadBy?: string;
}

export interface WorkerPlan {
  readonly store: string;
  readonly effects: string;
  /** The command that stands before its own, and whose surroundings it has. */
  readonly within?: readonly string[];
  /** Its life cannot be seen on this machine, as if it were on another one. */
  readonly isElsewhere?: boolean;
  /** Drives nothing: starts, signals and looks. */
  readonly isClient?: boolean;
  /** Which version of the workflow `deployed` it has; 1 when left out. */
  readonly deploy?: Deploy;
  /** Queues whose steps it executes; all when left out. */
  readonly queues?: readonly string[];
  /** Drives no runs: executes steps of its queues. */
  readonly isStepWorker?: boolean;
  /** Runs driven at the same time. */
  readonly runs?: number;
  readonly time?: TimePlan;
  /** The process kills itself at the n-th moment between two transactions, counted from the first one of `open`. */
  readonly dieAtMoment?: number;
  /** The answer of every n-th commit is lost; every second of these did not land. */
  readonly loseAnswers?: number;
  /**
   * Where commits stand still until `letCommits`, as if the process had been stopped there: before the answer of one that
   * carries a start, or before one that gives a waiting run back.
   */
  readonly stopsAt?: 'start' | 'rest';
  /** Dies as soon as a commit that gives a waiting run back was answered. */
  readonly diesAtRest?: boolean;
  /** Writes fail where they would make a file larger than so many KiB, until the test lifts the limit of the process. */
  readonly fileKib?: number;
  /** Nothing that another process commits is heard of. */
  readonly isDeaf?: boolean;
  /** Effects of the workflow `held` wait for the call `release`. */
  readonly holds?: boolean;
}

/** One effect, as it stands in the effects file. */
export interface Firing {
  readonly runId: string;
  readonly path: string;
  readonly attempt: number;
  readonly key: string;
  readonly pid: number;
  /** Wall clock, ms. */
  readonly at: number;
}

/** What a test can ask of a worker process: the engine's own verbs, and what moves its surroundings. */
export interface Calls {
  start: (workflow: string, input: unknown, options: { readonly id: string; readonly key: string }) => string;
  /** Sends `go`. */
  signal: (runId: string, payload: unknown, dedupeId: string) => void;
  /** Sends a signal whose name is its dedupe id too. */
  signalNamed: (runId: string, name: string, payload: unknown) => void;
  approve: (runId: string, by: string) => void;
  reject: (runId: string, by: string) => void;
  cancel: (runId: string) => void;
  /** Resolves when all these runs are completed. */
  results: (runIds: readonly string[]) => readonly unknown[];
  release: () => void;
  /** Commits stand still on their way to the store until `letCommits`, as if the process had been stopped there. */
  holdCommits: () => void;
  letCommits: () => void;
  /** Moves the clocks of the process; its timers fire on the way. */
  skip: (ms: number) => void;
  close: () => void;
  workers: () => Awaited<ReturnType<Engine['workers']>>;
  /** Moments between transactions that have passed. */
  moments: () => number;
}

export type Verb = keyof Calls;

export interface Request {
  readonly id: number;
  readonly verb: Verb;
  readonly args: readonly unknown[];
}

export type Line =
  | { readonly type: 'ready'; readonly engine: string }
  /** Its last words, where it kills itself; wall clock, ms. */
  | { readonly type: 'dies'; readonly at: number }
  | { readonly type: 'fired'; readonly firing: Firing }
  | {
      readonly type: 'log';
      readonly level: string;
      readonly message: string;
      readonly fields: Record<string, unknown>;
    }
  | { readonly type: 'answer'; readonly id: number; readonly value?: unknown; readonly error?: string };
