/** The timers of one session: starts written behind, what is due next, and leaving memory. */
import type { Platform, StopTimer } from '../std/index.ts';
import type { SharedTimer } from './shared-timer.ts';

export class SessionTimers {
  readonly #platform: Platform;
  readonly #soon: SharedTimer;
  #stopSoon: StopTimer | undefined;
  #stopDue: StopTimer | undefined;
  #stopEvict: StopTimer | undefined;

  /** @param soon of all sessions of the worker: `START_BEHIND_MS`. */
  constructor(platform: Platform, soon: SharedTimer) {
    this.#platform = platform;
    this.#soon = soon;
  }

  /** Calls `run` when starts have waited long enough; the first call counts. */
  soon(run: () => void): void {
    this.#stopSoon ??= this.#soon.set(() => {
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
