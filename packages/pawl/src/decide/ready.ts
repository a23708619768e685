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

/** ready → handed over, holding a place while it executes → gone. */
export class ReadyLine {
  readonly #limits: Graph['limits'];
  /** In the order of their readiness; a map, so that one that is cancelled leaves at no cost. */
  readonly #ready = new Map<StepPath, Ready>();
  readonly #placed = new Set<StepPath>();

  constructor(limits: Graph['limits']) {
    this.#limits = limits;
  }

  add(ready: Ready): void {
    this.#ready.set(ready.path, ready);
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
    return this.#ready.delete(path);
  }

  clear(): readonly StepPath[] {
    const paths = [...this.#ready.keys()];
    this.#ready.clear();
    return paths;
  }

  get isEmpty(): boolean {
    return this.#ready.size === 0;
  }

  /** What may go now: at most `maxDispatch`; a step that finds no place holds back those behind it that need one too. */
  take(): readonly Ready[] {
    const taken: Ready[] = [];
    for (const ready of this.#ready.values()) {
      if (taken.length === this.#limits.maxDispatch) break;
      if (ready.holdsPlace && this.#placed.size >= this.#limits.maxConcurrentSteps) continue;
      if (ready.holdsPlace) this.#placed.add(ready.path);
      taken.push(ready);
    }
    for (const { path } of taken) this.#ready.delete(path);
    return taken;
  }
}
