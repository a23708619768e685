/** Heartbeats: one row, written every ten seconds, says that this holder lives. */
import type { Platform, StopTimer } from '../std/index.ts';
import type { Store } from '../store/index.ts';
import { BEAT_MS, FRESH_BEAT_MS } from './defaults.ts';

export interface BeatsSetup {
  readonly store: Store;
  readonly platform: Platform;
  readonly workerId: string;
  /** The row of this worker is gone: it was taken for dead. */
  readonly onForgotten: () => Promise<void>;
}

export class Beats {
  readonly #setup: BeatsSetup;
  #lastMonotonic: number;
  /** When the last beat was written that came too late. */
  #silentUntil = Number.NEGATIVE_INFINITY;
  #stop: StopTimer | undefined;
  #isDraining = false;
  #isFailing = false;
  #isClosed = false;
  #fresh: (() => void)[] = [];

  constructor(setup: BeatsSetup) {
    this.#setup = setup;
    this.#lastMonotonic = setup.platform.clock.monotonic();
    this.#arm(BEAT_MS);
  }

  /**
   * Resolves when the last beat is young. False where this holder has been silent for long since that (monotonic) time: others may
   * have judged it, also where it has beaten again meanwhile.
   */
  async whenFresh(since: number): Promise<boolean> {
    if (this.#setup.platform.clock.monotonic() - this.#lastMonotonic < FRESH_BEAT_MS)
      return this.#silentUntil < since;
    const fresh = new Promise<void>((resolve) => this.#fresh.push(resolve));
    void this.#beat();
    await fresh;
    return false;
  }

  drain(): Promise<void> {
    this.#isDraining = true;
    return this.#beat();
  }

  close(): void {
    this.#isClosed = true;
    this.#stop?.();
  }

  #arm(delayMs: number): void {
    this.#stop?.();
    if (this.#isClosed) return;
    this.#stop = this.#setup.platform.setTimer(delayMs, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    const { store, platform, workerId, onForgotten } = this.#setup;
    try {
      const asked = platform.clock.monotonic();
      if (!(await store.beat(workerId, this.#isDraining))) await onForgotten();
      if (asked - this.#lastMonotonic >= FRESH_BEAT_MS) this.#silentUntil = platform.clock.monotonic();
      this.#lastMonotonic = asked;
      if (this.#isFailing) platform.logger.log('warn', 'heartbeats reach the store again', { workerId });
      this.#isFailing = false;
      for (const resolve of this.#fresh.splice(0)) resolve();
      this.#arm(BEAT_MS);
    } catch (error) {
      if (!this.#isFailing)
        platform.logger.log('error', 'a heartbeat did not reach the store', {
          workerId,
          error: String(error),
        });
      this.#isFailing = true;
      this.#arm(Math.round(1_000 * (0.8 + 0.4 * platform.random())));
    }
  }
}
