/** The surroundings of a worker process: Node's own, with clocks and timers that a test can bend. */
import { statSync } from 'node:fs';
import { nodePlatform } from '../../../packages/pawl/src/engine/index.ts';
import type { Logger, Platform, StopTimer } from '../../../packages/pawl/src/std/index.ts';
import type { TimePlan } from './protocol.ts';

/** Shorter timers hold the protocol together (starts written behind, busy files) and keep their length. */
const HURRIED_FROM_MS = 400;
/** Turns of the event loop in which what a timer set off gets done. */
const TURNS_A_TIMER = 20;

interface Timer {
  readonly dueAt: number;
  readonly run: () => void;
  stop: StopTimer;
}

/** Time runs as on the machine, until `skip` moves it on. */
export class WorkerTime {
  readonly platform: Platform;
  readonly #base: Platform;
  readonly #plan: TimePlan;
  readonly #timers = new Set<Timer>();
  #skippedMs = 0;

  constructor(plan: TimePlan, logger: Logger) {
    this.#base = nodePlatform(logger);
    this.#plan = plan;
    this.platform = {
      ...this.#base,
      clock: {
        now: () => this.#base.clock.now() + Math.round(this.#aheadMs()),
        monotonic: () => (plan.isNeverSilent ? 0 : this.#monotonic()),
      },
      setTimer: (delayMs, run) => this.#setTimer(delayMs, run),
    };
  }

  /** Moves both clocks by `ms`; timers that are due on the way fire in order, each with time for what it sets off. */
  async skip(ms: number): Promise<void> {
    const end = this.#monotonic() + ms;
    for (let timer = this.#next(); timer && timer.dueAt <= end; timer = this.#next()) {
      this.#skippedMs += Math.max(0, timer.dueAt - this.#monotonic());
      this.#fire(timer);
      for (let turn = 0; turn < TURNS_A_TIMER; turn += 1) await this.#turn();
    }
    this.#skippedMs += Math.max(0, end - this.#monotonic());
  }

  /** Resolves after `ms` on the machine's clock. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#base.setTimer(ms, resolve);
    });
  }

  #monotonic(): number {
    return this.#base.clock.monotonic() + this.#aheadMs();
  }

  #aheadMs(): number {
    const { aheadBy } = this.#plan;
    const ahead = aheadBy === undefined ? undefined : statSync(aheadBy, { throwIfNoEntry: false });
    return this.#skippedMs + (ahead?.size ?? 0) * 1_000;
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#base.nextTurn(resolve);
    });
  }

  #next(): Timer | undefined {
    return [...this.#timers].reduce<Timer | undefined>(
      (first, timer) => (first === undefined || timer.dueAt < first.dueAt ? timer : first),
      undefined,
    );
  }

  #setTimer(askedMs: number, run: () => void): StopTimer {
    const { hurry = 1, noTimersFrom = Number.POSITIVE_INFINITY } = this.#plan;
    if (askedMs >= noTimersFrom) return () => undefined;
    const delayMs = askedMs >= HURRIED_FROM_MS ? askedMs / hurry : askedMs;
    const timer: Timer = { dueAt: this.#monotonic() + delayMs, run, stop: () => undefined };
    timer.stop = this.#base.setTimer(delayMs, () => this.#fire(timer));
    this.#timers.add(timer);
    return () => {
      timer.stop();
      this.#timers.delete(timer);
    };
  }

  #fire(timer: Timer): void {
    timer.stop();
    if (this.#timers.delete(timer)) timer.run();
  }
}
