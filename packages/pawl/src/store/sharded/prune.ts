/** Retention over all shards, one after the other. */
import type { Pruned, PruneRequest } from '../index.ts';
import { globalNum, localNum, shardOfNum } from './numbers.ts';
import type { Shard } from './shard.ts';

export class Pruning {
  readonly #shards: readonly Shard[];
  /** What a shard said that could not be pruned in this pass: said when the others have been. */
  #problem: Error | undefined;

  constructor(shards: readonly Shard[]) {
    this.#shards = shards;
  }

  /** Where the call before ended is a number of a run, and so names its shard; 0 is the first one's. */
  async prune(request: PruneRequest): Promise<Pruned> {
    let removed = 0;
    let after = localNum(request.after);
    for (let index = shardOfNum(request.after); index < this.#shards.length; index += 1) {
      const limit = request.limit - removed;
      if (limit <= 0) return { removed, next: globalNum(0, index) };
      const answer = await this.#pruneOne(index, { ...request, limit, after });
      removed += answer.removed;
      if (answer.next !== undefined) return { removed, next: globalNum(answer.next, index) };
      after = 0;
    }
    const problem = this.#problem;
    this.#problem = undefined;
    if (problem !== undefined) throw problem;
    return { removed, next: undefined };
  }

  async #pruneOne(index: number, request: PruneRequest): Promise<Pruned> {
    try {
      return (await this.#shards[index]?.prune(request)) ?? { removed: 0, next: undefined };
    } catch (error) {
      this.#problem ??= error as Error;
      return { removed: 0, next: undefined };
    }
  }
}
