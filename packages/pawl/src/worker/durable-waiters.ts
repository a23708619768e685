/** Who waits until an entry of the outbox is on the disk. */

interface Waiter {
  readonly number: number;
  resolve(): void;
  reject(reason: unknown): void;
}

export class DurableWaiters {
  #waiting: Waiter[] = [];

  /** Resolves when everything up to this entry is durable; rejects when the session is over. */
  wait(number: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ number, resolve, reject });
    });
  }

  landed(number: number): void {
    if (this.#waiting.length === 0) return;
    const due = this.#waiting.filter((waiter) => waiter.number <= number);
    this.#waiting = this.#waiting.filter((waiter) => waiter.number > number);
    for (const waiter of due) waiter.resolve();
  }

  fail(reason: string): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(new Error(reason));
  }
}
