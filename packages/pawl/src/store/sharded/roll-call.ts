/** Asks all shards and takes what those say that answer: one that is away costs the others a moment, once. */
import type { Shard } from './shard.ts';

export interface FromShard<T> {
  readonly shard: Shard;
  readonly answer: T;
}

export class RollCall {
  readonly #shards: readonly Shard[];
  /** Whose turn it is to be asked first. */
  #first = 0;

  constructor(shards: readonly Shard[]) {
    this.#shards = shards;
  }

  /** The shards, from the next one on. */
  turn(): readonly Shard[] {
    const first = this.#first;
    this.#first = (first + 1) % this.#shards.length;
    return [...this.#shards.slice(first), ...this.#shards.slice(0, first)];
  }

  /** The answers of those that answer. @throws what the first one said, where none does */
  async every<T>(ask: (shard: Shard) => Promise<T>, some?: Iterable<Shard>): Promise<FromShard<T>[]> {
    const shards = some === undefined ? this.#shards : [...some];
    const asked = await Promise.allSettled(shards.map((shard) => this.one(shard, ask)));
    const answers = asked.flatMap((one, at) =>
      one.status === 'fulfilled' ? [{ shard: shards[at] as Shard, answer: one.value }] : [],
    );
    const [failed] = asked.filter((one) => one.status === 'rejected');
    if (answers.length === 0 && failed !== undefined) throw failed.reason;
    return answers;
  }

  /** @throws `STORE_UNAVAILABLE` where it does not answer in time */
  one<T>(shard: Shard, ask: (shard: Shard) => Promise<T>): Promise<T> {
    return shard.patience.wait(() => ask(shard));
  }
}
