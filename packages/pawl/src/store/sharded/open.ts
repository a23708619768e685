/** Opens a store over several clusters. */
import { pawlError } from '../../errors/index.ts';
import type { Store } from '../index.ts';
import { checkMarks } from './marks.ts';
import { MAX_SHARDS } from './numbers.ts';
import type { ShardPlatform } from './patience.ts';
import { homeOf, type Place } from './placement.ts';
import { ShardedStore } from './sharded-store.ts';

export interface ShardedOptions extends ShardPlatform {
  /** One store a cluster, all of them, in an order that never changes. The sharded store closes them. */
  readonly stores: readonly Store[];
  /** Which of so many a name chooses, the same for ever; by its digest, unless a test says otherwise. */
  readonly place?: Place | undefined;
}

/** @throws `SHARDS_DIFFER` where these are not all clusters of one store, in its order; `STORE_URL_INVALID`, `STORE_UNAVAILABLE` */
export async function openShardedStore({
  stores,
  place = homeOf,
  ...platform
}: ShardedOptions): Promise<Store> {
  if (stores.length < 2 || stores.length > MAX_SHARDS)
    throw pawlError('STORE_URL_INVALID', { url: `a store over ${stores.length} clusters` });
  await checkMarks(stores, platform);
  return new ShardedStore(stores, platform, place);
}
