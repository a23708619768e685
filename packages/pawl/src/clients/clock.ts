/** Real time for the wires outward: they stand outside of the simulation, so they do not ask the Platform for it. */

/** Stops the timer; stopping twice, or after it fired, does nothing. */
export type StopRealTimer = () => void;

/** Milliseconds since 1970 (UTC). */
export function wallTimeMs(): number {
  return Date.now();
}

/**
 * Calls `run` once, `delayMs` from now. The timer keeps the process alive: it stands for a child process that is being
 * ended, and leaving before that would leave the child behind.
 */
export function startTimer(delayMs: number, run: () => void): StopRealTimer {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
