/** What a contract test is: a sentence about every store, and what it needs to be tried. */
import type { Clock } from '../../std/index.ts';
import type { Store, StoreLimits } from '../../store/index.ts';

/** A wall clock that a test moves; its monotonic time moves with it. */
export class MovedClock implements Clock {
  #now: number;

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  move(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

/** An empty store and the clock that it reads. Whoever opened it closes it. */
export interface StoreWorld {
  readonly store: Store;
  readonly clock: MovedClock;
  /** Opens the same data once more, as another process would; undefined where a store is seen by its opener alone. */
  readonly openAgain?: (() => Promise<Store>) | undefined;
}

export type OpenStore = (limits?: Partial<StoreLimits>) => Promise<StoreWorld>;

export interface ContractTest {
  /** A sentence; a defect of DEFECTS.md that it covers stands in front. */
  readonly name: string;
  readonly run: (open: OpenStore) => Promise<void>;
}
