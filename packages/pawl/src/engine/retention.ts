/** Retention: what ended long ago goes, a few runs at a time, so that nobody waits for it. */
import type { Platform, StopTimer } from '../std/index.ts';
import type { Store } from '../store/index.ts';

/** How often a worker with a retention looks. */
const EVERY_MS = 3_600_000;
/** Runs that go in one transaction. */
const BATCH = 100;
/** Between two of them others write. */
const PAUSE_MS = 20;

export interface RetentionSetup {
  readonly store: Store;
  readonly platform: Platform;
}

export interface PruneOrder {
  /** How long ago a run must have ended. */
  readonly ageMs: number;
  /** Undefined: of every tenant. */
  readonly tenant: string | undefined;
  readonly isStopped?: () => boolean;
}

/** How many runs went. */
export async function pruneAll({ store, platform }: RetentionSetup, order: PruneOrder): Promise<number> {
  const { ageMs, tenant, isStopped = () => false } = order;
  const endedBefore = platform.clock.now() - ageMs;
  let removed = 0;
  for (let after: number | undefined = 0; after !== undefined && !isStopped(); ) {
    const answer = await store.prune({ endedBefore, limit: BATCH, after, tenant });
    removed += answer.removed;
    after = answer.next;
    if (after !== undefined) await new Promise<void>((resolve) => void platform.setTimer(PAUSE_MS, resolve));
  }
  return removed;
}

/** States: *open* → *closed*. */
export class Retention {
  readonly #setup: RetentionSetup;
  readonly #ageMs: number;
  #stop: StopTimer | undefined;
  #isClosed = false;
  #isFailing = false;

  constructor(setup: RetentionSetup, ageMs: number) {
    this.#setup = setup;
    this.#ageMs = ageMs;
    this.#arm(EVERY_MS * 0.1 * setup.platform.random()); // workers that were started together do not look together
  }

  #arm(delayMs: number): void {
    this.#stop = this.#setup.platform.setTimer(Math.ceil(delayMs), () => void this.#look());
  }

  async #look(): Promise<void> {
    const { platform } = this.#setup;
    const { logger } = platform;
    try {
      const order = { ageMs: this.#ageMs, tenant: undefined, isStopped: () => this.#isClosed };
      const removed = await pruneAll(this.#setup, order);
      if (removed > 0) logger.log('info', 'runs past their retention were removed', { removed });
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing && !this.#isClosed)
        logger.log('error', 'runs past their retention could not be removed; trying again', {
          error: String(error),
        });
      this.#isFailing = true;
    }
    if (!this.#isClosed) this.#arm(EVERY_MS * (0.9 + 0.2 * platform.random()));
  }

  close(): void {
    this.#isClosed = true;
    this.#stop?.();
  }
}
