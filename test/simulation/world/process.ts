/** A simulated process: its clocks, timers, ids and chance, and the ways in which it ends. */
import type { LogFields, LogLevel, Platform, StopTimer } from '../../../packages/pawl/src/std/index.ts';
import { type Chance, chanceOf } from '../plan/chance.ts';
import type { WorldClock } from './clock.ts';
import type { Owner, Scheduler, Task } from './scheduler.ts';

/** Somebody who was stopped may still be judged for it so much later. */
const WELL_MS = 45_000;

export interface ProcessSetup {
  readonly seed: number;
  /** The slot of the plan; -1 is the client, which drives nothing. */
  readonly slot: number;
  /** How many processes of this slot came before it. */
  readonly life: number;
  readonly clock: WorldClock;
  readonly scheduler: Scheduler;
  readonly onLog: (line: {
    readonly level: LogLevel;
    readonly message: string;
    readonly fields: LogFields;
  }) => void;
}

/** States: *up* ⇄ *stopped* → *dead*, for ever. */
export class Process implements Owner {
  readonly name: string;
  readonly slot: number;
  readonly platform: Platform;
  readonly chance: Chance;
  readonly clock: WorldClock;
  readonly #scheduler: Scheduler;
  #state: Owner['state'] = 'up';
  #held: Task[] = [];
  #ids = 0;
  readonly #onDeath: (() => void)[] = [];
  #diedMs = Number.POSITIVE_INFINITY;
  #lastStopMs = Number.NEGATIVE_INFINITY;

  constructor(setup: ProcessSetup) {
    const { seed, slot, life, clock, scheduler, onLog } = setup;
    this.slot = slot;
    this.name = slot === -1 ? 'client' : `w${slot}.${life}`;
    this.clock = clock;
    this.#scheduler = scheduler;
    this.chance = chanceOf(seed, this.name);
    const idEnd = `${(slot + 1).toString(16).padStart(4, '0')}${life.toString(16).padStart(8, '0')}`;
    this.platform = {
      clock,
      logger: { log: (level, message, fields = {}) => onLog({ level, message, fields }) },
      setTimer: (delayMs, run) => this.setTimer(delayMs, run),
      nextTurn: (run) => void this.#scheduler.at(this.#scheduler.nowMs, 'turn', { owner: this, run }),
      random: () => this.chance.next(),
      newId: () => `${(++this.#ids).toString(16).padStart(8, '0')}-0000-7000-8000-${idEnd}`,
      hostname: this.name,
      pid: slot + 1,
    };
  }

  get state(): Owner['state'] {
    return this.#state;
  }

  /** The world's time. */
  get nowMs(): number {
    return this.#scheduler.nowMs;
  }

  get isWell(): boolean {
    return this.#state === 'up' && this.nowMs - this.#lastStopMs > WELL_MS;
  }

  /** When it was last stopped, in world time; long ago where it never was. While it is stopped: now. */
  get lastStopMs(): number {
    return this.#state === 'stopped' ? this.#scheduler.nowMs : this.#lastStopMs;
  }

  setTimer(delayMs: number, run: () => void): StopTimer {
    const atMs = this.#scheduler.nowMs + this.clock.toWorld(Math.max(0, delayMs));
    const task = this.#scheduler.at(atMs, 'timer', { owner: this, run });
    return () => {
      task.isOff = true;
    };
  }

  /** Resolves after a while of this process's time; never where it dies before. */
  pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.setTimer(delayMs, resolve));
  }

  hold(task: Task): void {
    this.#held.push(task);
  }

  /** When it was killed; for ever where it lives. */
  get diedMs(): number {
    return this.#diedMs;
  }

  /** Calls this when it is killed. */
  whenDead(run: () => void): void {
    this.#onDeath.push(run);
  }

  kill(): void {
    if (this.#state !== 'dead') this.#diedMs = this.#scheduler.nowMs;
    if (this.#state === 'stopped') this.#lastStopMs = this.#scheduler.nowMs;
    this.#state = 'dead';
    this.#held = [];
    for (const run of this.#onDeath.splice(0)) run();
  }

  stop(): void {
    if (this.#state === 'up') this.#state = 'stopped';
  }

  wake(): void {
    if (this.#state !== 'stopped') return;
    this.#state = 'up';
    this.#lastStopMs = this.#scheduler.nowMs;
    for (const task of this.#held.splice(0)) this.#scheduler.again(task);
  }
}
