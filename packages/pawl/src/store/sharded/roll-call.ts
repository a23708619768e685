/** Asks all shards and takes what those say that answer: one that is away costs the others a moment, once. */
import { pawlError } from '../../errors/index.ts';
import { Patience, type ShardPlatform } from './patience.ts';
import type { Shard } from './shard.ts';

export interface FromShard<T> {
  readonly shard: Shard;
  readonly answer: T;
}

export class RollCall {
  readonly #shards: readonly Shard[];
  readonly #patience: ReadonlyMap<Shard, Patience>;
  /** Whose turn it is to be asked first. */
  #first = 0;

  constructor(shards: readonly Shard[], platform: ShardPlatform, onBack: () => void) {
    this.#shards = shards;
    this.#patience = new Map(shards.map((shard) => [shard, new Patience(platform, shard.name, onBack)]));
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
    const patience = this.#patience.get(shard);
    if (patience === undefined) throw pawlError('STORE_UNAVAILABLE', { problem: shard.name });
    return patience.wait(() => ask(shard));
  }
}
