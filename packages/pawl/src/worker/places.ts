/** Places for driven runs: held ones, and ones that were promised to runs whose creation is on its way to the disk. */
import type { Clock } from '../std/index.ts';

/** A promise whose run never came (its commit was refused) is forgotten after this. */
const PROMISE_MS = 60_000;

/** Runs by their keys (`runKey`). */
export class Places<Held extends object> {
  readonly #limit: number;
  readonly #clock: Clock;
  /** No `Set`: `Roster` says why. */
  readonly #held = new WeakSet<Held>();
  #count = 0;
  readonly #promised = new Map<string, number>();

  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  get held(): number {
    return this.#count;
  }

  get free(): number {
    this.#forgetOld();
    return Math.max(0, this.#limit - this.#count - this.#promised.size);
  }

  /** Promises a place to a run that is about to be created; false when there is none. */
  promise(key: string): boolean {
    if (this.free === 0) return false;
    this.#promised.set(key, this.#clock.monotonic());
    return true;
  }

  #forgetOld(): void {
    const now = this.#clock.monotonic();
    for (const [key, since] of this.#promised) {
      if (now - since < PROMISE_MS) break; // in order of time
      this.#promised.delete(key);
    }
  }

  /** Whether a run that was promised a place is still on its way here. */
  isPromised(key: string): boolean {
    const since = this.#promised.get(key);
    return since !== undefined && this.#clock.monotonic() - since < PROMISE_MS;
  }

  /** The run will not come. */
  release(key: string): void {
    this.#promised.delete(key);
  }

  take(held: Held, key: string): void {
    this.#promised.delete(key);
    if (this.#held.has(held)) return;
    this.#held.add(held);
    this.#count += 1;
  }

  give(held: Held): void {
    if (this.#held.delete(held)) this.#count -= 1;
  }
}
