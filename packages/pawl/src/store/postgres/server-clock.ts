/** The clock of the server, kept in this process. */
import type { Clock } from '../../std/index.ts';

/**
 * Asked for at the opening and with every heartbeat, and counted on by the monotonic clock of this process: workers whose clocks
 * differ agree on what is due, and a clock that jumps moves nothing. An answer bounds the server's time by the way there and back
 * (F. Cristian, "Probabilistic clock synchronization", 1989); only an estimate outside of these bounds is corrected, to their middle.
 */
export class ServerClock implements Clock {
  readonly #own: Clock;
  /** Server's time, ms since 1970, where the monotonic clock stands at 0. */
  #base: number;

  constructor(own: Clock) {
    this.#own = own;
    this.#base = own.now() - own.monotonic();
  }

  now(): number {
    return Math.floor(this.#base + this.#own.monotonic());
  }

  monotonic(): number {
    return this.#own.monotonic();
  }

  /** `serverNow` was read between `askedAt` of the monotonic clock and now. */
  learn(serverNow: number, askedAt: number): void {
    const answeredAt = this.#own.monotonic();
    const [earliest, latest] = [serverNow - answeredAt, serverNow - askedAt];
    if (this.#base < earliest || this.#base > latest) this.#base = (earliest + latest) / 2;
  }
}
