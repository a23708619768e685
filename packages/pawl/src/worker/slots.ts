/** Places for leaf attempts: so many execute at a time, the others wait in order. */

export class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  get free(): number {
    return this.#free;
  }

  /** Takes a place where one is free. */
  tryTake(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  /** Calls `run` when there is a place again, in order of asking. Returns how to stop waiting. */
  wait(run: () => void): () => void {
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
