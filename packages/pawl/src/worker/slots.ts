/** Places for leaf attempts: so many execute at a time, the others wait in order. */

export class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** Calls `run` when there is a place: at once, or in order of asking. Returns how to stop waiting. */
  take(run: () => void): () => void {
    if (this.#free > 0) {
      this.#free--;
      run();
      return () => undefined;
    }
    this.#waiting.push(run);
    return () => {
      const index = this.#waiting.indexOf(run);
      if (index !== -1) this.#waiting.splice(index, 1);
    };
  }

  /** Gives a place back; whoever waits longest gets it. */
  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
