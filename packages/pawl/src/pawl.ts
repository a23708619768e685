/** The one call that opens an engine: the entry file in which the concrete stores and the built-in kinds are named. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOpenOptions, type Engine, nodePlatform, openEngine, type OpenOptions } from './engine/index.ts';
import { pawlError } from './errors/index.ts';
import {
  conditionKind,
  functionKind,
  functionRegistry,
  httpKind,
  joinKind,
  parallelKind,
  reduceKind,
  shellKind,
  verifyKind,
} from './kinds/index.ts';
import { type Platform, withoutPassword } from './std/index.ts';
import type { Store } from './store/index.ts';
import { FileLocks, openSqliteStore } from './store/sqlite/index.ts';

const KINDS = [shellKind, httpKind, conditionKind, joinKind, parallelKind, reduceKind, verifyKind] as const;

const SQLITE = 'sqlite:';
const POSTGRES = /^postgres(?:ql)?:\/\//;
/** Longer than any path that Linux or macOS takes. */
const MAX_PATH = 4_096;

/**
 * Opens an engine.
 * @throws usage errors for bad options (nothing is opened), `STORE_*` where the store cannot be used.
 * @example
 * const engine = await pawl.open({ store: 'sqlite:pawl.db', workflows: [hello] });
 * const run = await engine.start(hello, { who: 'Ada' });
 * console.log(await run.result());
 * await engine.close();
 */
async function open(options: OpenOptions): Promise<Engine> {
  checkOpenOptions(options);
  const platform = options.platform ?? nodePlatform(options.logger);
  const store = typeof options.store === 'string' ? await openStore(options, platform) : options.store;
  try {
    const functions = functionRegistry(options.functions ?? {});
    const kinds = [...KINDS, functionKind(functions)];
    return await openEngine(options, { store, platform, kinds, functions });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openStore(options: OpenOptions, platform: Platform): Promise<Store> {
  const url = options.store as string;
  if (POSTGRES.test(url)) return await openServer(url, options, platform);
  const path = url.startsWith(SQLITE) ? url.slice(SQLITE.length) : '';
  if (path === '' || path.includes('\u0000') || path.length > MAX_PATH)
    throw pawlError('STORE_URL_INVALID', { url: withoutPassword(url) });
  return await openSqliteStore({ ...platform, path, limits: options.limits });
}

/** Loaded only where it is asked for. Simulated time is the time of its store too; else all machines go by the server's. */
async function openServer(url: string, options: OpenOptions, platform: Platform): Promise<Store> {
  const { openPostgresStore } = await import('./store/postgres/index.ts');
  const { clusterUrls, openShardedStore, refuseShard } = await import('./store/sharded/index.ts');
  const hasServerClock = platform.clock === nodePlatform(platform.logger).clock;
  const machineLocks = new FileLocks(join(tmpdir(), `pawl-holders-${process.getuid?.() ?? 'all'}`));
  const common = { ...platform, limits: options.limits, machineLocks, hasServerClock };
  const urls = clusterUrls(url);
  const opening = await Promise.allSettled(urls.map((one) => openPostgresStore({ ...common, url: one })));
  const stores = opening.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  try {
    for (const one of opening) if (one.status === 'rejected') throw one.reason;
    const [only] = stores;
    if (only === undefined || stores.length > 1) return await openShardedStore({ ...platform, stores });
    await refuseShard(only);
    return only;
  } catch (error) {
    await Promise.allSettled(stores.map((store) => store.close()));
    throw error;
  }
}

export const pawl = { open } as const;
