/** Waits, in real time, for what a step does outside of the simulated one: a process, a request. */
import type { Platform } from '../std/index.ts';

/** How long a step may be busy without a sign before the simulated time goes on without it. */
const PATIENCE_MS = 300;
const LOOK_MS = 2;

export class RealTime {
  readonly #platform: Pick<Platform, 'setTimer' | 'clock'>;
  /** The last sign that was waited for in vain. */
  #given = '';

  constructor(platform: Pick<Platform, 'setTimer' | 'clock'>) {
    this.#platform = platform;
  }

  /** Gives what runs outside of the simulated time a moment. */
  pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#platform.setTimer(LOOK_MS, resolve);
    });
  }

  /** Waits while `sign` (empty: nobody works) stays the same; true as soon as it changes, false when it does not. */
  async isWorking(sign: () => Promise<string>): Promise<boolean> {
    const before = await sign();
    if (before === '' || before === this.#given) return false;
    const start = this.#platform.clock.monotonic();
    while (this.#platform.clock.monotonic() - start < PATIENCE_MS) {
      await this.pause();
      if ((await sign()) !== before) return true;
    }
    this.#given = before;
    return false;
  }
}
