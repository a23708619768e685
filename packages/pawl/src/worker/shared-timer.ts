/** Many timers of the same delay on one of the platform: cheap where nearly all of them are stopped before they are due. */
import type { Platform, StopTimer } from '../std/index.ts';

interface Waiting {
  /** On the monotonic clock. */
  readonly dueAt: number;
  /** Undefined when it was stopped, or has been called. */
  run: (() => void) | undefined;
}

/** So many that are over are kept in the list before it is made anew. */
const MAX_OVER = 1_000;

/** States: *idle* ⇄ *armed*, with a timer of the platform for the first of those that wait. */
export class SharedTimer {
  readonly #platform: Platform;
  readonly #delayMs: number;
  /** In order of time: all have the same delay. */
  #waiting: Waiting[] = [];
  #first = 0;
  #live = 0;
  #stop: StopTimer | undefined;

  constructor(platform: Platform, delayMs: number) {
    this.#platform = platform;
    this.#delayMs = delayMs;
  }

  /** Calls `run` after the delay, unless it is stopped before. */
  set(run: () => void): StopTimer {
    const waiting: Waiting = { dueAt: this.#platform.clock.monotonic() + this.#delayMs, run };
    this.#waiting.push(waiting);
    this.#live += 1;
    this.#arm();
    return () => this.#end(waiting);
  }

  #end(waiting: Waiting): (() => void) | undefined {
    const { run } = waiting;
    if (run === undefined) return undefined;
    waiting.run = undefined;
    this.#live -= 1;
    if (this.#live === 0) this.#rest();
    return run;
  }

  #rest(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#waiting = [];
    this.#first = 0;
  }

  #arm(): void {
    if (this.#stop !== undefined || this.#live === 0) return;
    while (this.#waiting[this.#first]?.run === undefined) this.#first += 1;
    if (this.#first > MAX_OVER) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    const { dueAt } = this.#waiting[this.#first] as Waiting;
    const delayMs = Math.max(0, dueAt - this.#platform.clock.monotonic());
    this.#stop = this.#platform.setTimer(delayMs, () => this.#fire(dueAt));
  }

  /** The platform has waited for this time, whatever its clock says. */
  #fire(dueAt: number): void {
    this.#stop = undefined;
    const now = Math.max(dueAt, this.#platform.clock.monotonic());
    const due: Waiting[] = [];
    for (let index = this.#first; index < this.#waiting.length; index += 1) {
      const waiting = this.#waiting[index] as Waiting;
      if (waiting.dueAt > now) break;
      due.push(waiting);
    }
    for (const waiting of due) this.#end(waiting)?.();
    this.#arm();
  }
}
