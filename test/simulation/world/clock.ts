/** The clocks of one process, or of the store: they may be off, go wrong, and be set. */
import type { Clock } from '../../../packages/pawl/src/std/index.ts';
import type { Scheduler } from './scheduler.ts';

const START_MS = Date.UTC(2026, 0, 1);

export class WorldClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #rate: number;
  #offsetMs: number;

  constructor(
    scheduler: Scheduler,
    { offsetMs, rate }: { readonly offsetMs: number; readonly rate: number },
  ) {
    this.#scheduler = scheduler;
    this.#offsetMs = offsetMs;
    this.#rate = rate;
  }

  now(): number {
    return START_MS + this.#offsetMs + Math.floor(this.#scheduler.nowMs * this.#rate);
  }

  monotonic(): number {
    return this.#scheduler.nowMs * this.#rate;
  }

  /** Sets the wall clock. */
  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }

  /** Somebody sets it right. */
  correct(): void {
    this.#offsetMs = 0;
  }

  /** World time of a delay that this clock measures. */
  toWorld(delayMs: number): number {
    return delayMs / this.#rate;
  }
}
