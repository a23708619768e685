/** The timers of one session: starts written behind, what is due next, and leaving memory. */
import type { Platform, StopTimer } from '../std/index.ts';
import { START_BEHIND_MS } from './defaults.ts';

export class SessionTimers {
  readonly #platform: Platform;
  #stopSoon: StopTimer | undefined;
  #stopDue: StopTimer | undefined;
  #stopEvict: StopTimer | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Calls `run` when starts have waited long enough; the first call counts. */
  soon(run: () => void): void {
    this.#stopSoon ??= this.#platform.setTimer(START_BEHIND_MS, () => {
      this.#stopSoon = undefined;
      run();
    });
  }

  /** Calls `run` at this time (ms since 1970); undefined: not at all. Replaces what was set before. */
  due(at: number | undefined, run: () => void): void {
    this.#stopDue?.();
    this.#stopDue = undefined;
    if (at === undefined) return;
    const delayMs = Math.max(0, at - this.#platform.clock.now());
    this.#stopDue = this.#platform.setTimer(delayMs, run);
  }

  evict(delayMs: number, run: () => void): void {
    this.#stopEvict = this.#platform.setTimer(delayMs, run);
  }

  stop(): void {
    this.#stopSoon?.();
    this.#stopSoon = undefined;
    this.#stopDue?.();
    this.#stopEvict?.();
  }
}
