/** The port to everything that is not a function of its arguments: time, chance, identity, process, log. */

/** Wall and monotonic time, both in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970 (UTC); may jump. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. For measuring and for judging silence. */
  monotonic(): number;
}

/** Stops a timer; stopping twice, or after it fired, does nothing. */
export type StopTimer = () => void;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Facts that a log line carries: `runId path attempt workerId tenant` where they are known. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void;
}

/**
 * What the engine takes from its surroundings. Everything in the engine that needs the time, a timer, an id, chance or the
 * macrotask queue asks here, so that a simulation can drive the same code through thousands of worlds.
 */
export interface Platform {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Calls `run` once, `delayMs` from now, however long that is. */
  setTimer(delayMs: number, run: () => void): StopTimer;
  /** Calls `run` when the microtask queue is empty: one macrotask turn from now, in order of asking. */
  nextTurn(run: () => void): void;
  /** A uniformly distributed number in [0, 1). */
  random(): number;
  /** A new UUIDv7 (RFC 9562): unique, and sorted by time. */
  newId(): string;
  readonly hostname: string;
  readonly pid: number;
}
