/** What waits to be handed to the driver, and what it has been handed before it was durable. */
import type { Delivery } from '../run/index.ts';
import type { Barriers } from './command-desk.ts';

export class DeliveryQueue {
  readonly #waiting: Delivery[] = [];
  /** Paths whose outcomes the driver took before they were durable, in order. */
  readonly #ahead: string[] = [];
  #barriers: Barriers = { any: 0, firm: 0 };

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Outbox entries of the last outcomes that were handed over ahead: effects wait for them. */
  get barriers(): Barriers {
    return this.#barriers;
  }

  next(): Delivery | undefined {
    return this.#waiting.shift();
  }

  /** A durable delivery: waits for its turn, unless the driver has it already. */
  add(delivery: Delivery): void {
    if (this.#ahead[0] === delivery.path) this.#ahead.shift();
    else this.#waiting.push(delivery);
  }

  /** The driver gets an outcome that is entry `number` of the outbox before it is durable. */
  ranAhead(path: string, outcome: { readonly number: number; readonly isRepeatable: boolean }): void {
    this.#ahead.push(path);
    const { number, isRepeatable } = outcome;
    this.#barriers = { any: number, firm: isRepeatable ? this.#barriers.firm : number };
  }

  clear(): void {
    this.#waiting.length = 0;
    this.#ahead.length = 0;
    this.#barriers = { any: 0, firm: 0 };
  }
}
