/** The line of steps that are ready: in order of readiness, then of declaration, as far as there are places. */
import type { Graph } from '../graph/index.ts';
import type { Command, StepPath } from '../run/index.ts';

/** A visit whose command is made and has not been handed over. */
export interface Ready {
  readonly path: StepPath;
  readonly command: Command;
  /** Work on a slot; a wait or a child holds no place. */
  readonly holdsPlace: boolean;
}

interface Waiting {
  readonly ready: Ready;
  /** Its turn among all that wait. */
  readonly turn: number;
  isGone: boolean;
}

/** First come, first served; what has gone from its midst is passed over when its turn comes. */
class Queue {
  #waiting: Waiting[] = [];
  #first = 0;

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  get head(): Waiting | undefined {
    while (this.#waiting[this.#first]?.isGone) this.#first++;
    if (this.#first * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#first);
      this.#first = 0;
    }
    return this.#waiting[this.#first];
  }
}

/** ready → handed over, holding a place while it executes → gone. A decision costs what it hands over, not what waits. */
export class ReadyLine {
  readonly #limits: Graph['limits'];
  readonly #ready = new Map<StepPath, Waiting>();
  readonly #steps = new Queue();
  readonly #others = new Queue();
  readonly #placed = new Set<StepPath>();
  #turns = 0;

  constructor(limits: Graph['limits']) {
    this.#limits = limits;
  }

  add(ready: Ready): void {
    const waiting = { ready, turn: this.#turns++, isGone: false };
    this.#ready.set(ready.path, waiting);
    if (ready.holdsPlace) this.#steps.add(waiting);
    else this.#others.add(waiting);
  }

  /** Handed over before, such as a step that the log holds. */
  hold(path: StepPath): void {
    this.#placed.add(path);
  }

  /** Whether it has a place, or there was one left. */
  tryHold(path: StepPath): boolean {
    if (!this.#placed.has(path) && this.#placed.size >= this.#limits.maxConcurrentSteps) return false;
    this.#placed.add(path);
    return true;
  }

  /** Gives the place back: it ended, or waits for its next attempt. */
  free(path: StepPath): void {
    this.#placed.delete(path);
  }

  /** Whether it had not been handed over. */
  remove(path: StepPath): boolean {
    this.#placed.delete(path);
    const waiting = this.#ready.get(path);
    if (!waiting) return false;
    waiting.isGone = true;
    return this.#ready.delete(path);
  }

  clear(): readonly StepPath[] {
    const paths = [...this.#ready.keys()];
    for (const path of paths) this.remove(path);
    return paths;
  }

  get isEmpty(): boolean {
    return this.#ready.size === 0;
  }

  /** What may go now: at most `maxDispatch`; a step that finds no place holds back those behind it that need one too. */
  take(): readonly Ready[] {
    const taken: Ready[] = [];
    for (let next = this.#next(); next && taken.length < this.#limits.maxDispatch; next = this.#next()) {
      this.remove(next.path);
      if (next.holdsPlace) this.#placed.add(next.path);
      taken.push(next);
    }
    return taken;
  }

  #next(): Ready | undefined {
    const step = this.#placed.size < this.#limits.maxConcurrentSteps ? this.#steps.head : undefined;
    const other = this.#others.head;
    if (!step || !other) return (step ?? other)?.ready;
    return (step.turn < other.turn ? step : other).ready;
  }
}
