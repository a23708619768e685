/** The door of the store over several clusters. */
export { refuseShard } from './marks.ts';
export { openShardedStore, type ShardedOptions } from './open.ts';
export { clusterUrls } from './urls.ts';
