/** Numbers of runs over all shards: the number within a shard, and the shard itself. */
import type { RunRef } from '../../run/index.ts';

/** A number has this many places for shards, however many there are: it stays the same for the life of the store. */
export const MAX_SHARDS = 1_024;

export function globalNum(num: number, shard: number): number {
  return num * MAX_SHARDS + shard;
}

export function shardOfNum(num: number): number {
  return num % MAX_SHARDS;
}

export function localNum(num: number): number {
  return Math.floor(num / MAX_SHARDS);
}

export function localRef(run: RunRef): RunRef {
  return run.num === undefined ? run : { ...run, num: localNum(run.num) };
}

export function globalRef<Ref extends RunRef>(run: Ref, shard: number): Ref {
  return run.num === undefined ? run : { ...run, num: globalNum(run.num, shard) };
}
