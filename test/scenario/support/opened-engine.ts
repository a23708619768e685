/** Opens engines on platforms whose time a test moves, and closes them when the test is over. */
import { type AnyWorkflow, type Engine, type OpenOptions, pawl } from 'pawl';
import { type FakePlatform, fakePlatform } from 'pawl/testing';
import { afterEach } from 'vitest';
import type { Store } from '../../../packages/pawl/src/store/index.ts';
import {
  clearStores,
  leaveLock,
  openStore,
  privateDatabase,
  storeKind,
  waitsForStores,
} from './store-under-test.ts';

export { newDatabase, pathOfDatabase } from './store-under-test.ts';

export interface OpenedEngine {
  readonly engine: Engine;
  readonly platform: FakePlatform;
}

export interface MortalEngine extends OpenedEngine {
  /** The process is gone: no turn, no timer and no commit of it happens any more, and its locks are free. */
  kill(): Promise<void>;
}

export interface OpenedOptions extends Omit<OpenOptions, 'workflows' | 'platform' | 'store'> {
  readonly store?: string | Store;
  /** Engines on one store need different ones. */
  readonly seed?: number;
  /** Where the clock of a later process begins, milliseconds after that of the first. */
  readonly laterMs?: number;
}

export const START = Date.UTC(2026, 0, 1);
/** Longer than an engine waits for its attempts when it closes. */
const CLOSE_MS = 15_000;

const opened: OpenedEngine[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await closeEngine(one);
  await clearStores();
});

export async function openEngine(
  workflows: readonly unknown[],
  options: OpenedOptions = {},
): Promise<OpenedEngine> {
  const { seed = 1, laterMs = 0, store: wanted, ...rest } = options;
  const platform = fakePlatform({ seed, startMs: START + laterMs });
  waitsForStores(platform);
  const given = wanted ?? (await privateDatabase());
  const isUrl = storeKind === 'postgres' && typeof given === 'string';
  const store = isUrl ? await openStore(platform, given, rest.limits) : given;
  const engine = await pawl.open({ ...rest, store, workflows: workflows as AnyWorkflow[], platform });
  const one = { engine, platform };
  opened.push(one);
  return one;
}

/** Closes an engine as a deploy does: what runs may finish, then everything is given back. */
export async function closeEngine({ engine, platform }: OpenedEngine): Promise<void> {
  const closing = engine.close();
  await platform.advance(CLOSE_MS);
  await closing;
}

/** An engine on a database file that can be killed without being asked. */
export async function openMortal(
  workflows: readonly unknown[],
  options: OpenedOptions & { readonly store: string },
): Promise<MortalEngine> {
  const { seed = 1, laterMs = 0, store: url, ...rest } = options;
  const inner = fakePlatform({ seed, startMs: START + laterMs });
  let isAlive = true;
  const platform: FakePlatform = {
    ...inner,
    get nextTimerIn() {
      return inner.nextTimerIn;
    },
    nextTurn: (run) => inner.nextTurn(() => isAlive && run()),
    setTimer: (delayMs, run) => inner.setTimer(delayMs, () => isAlive && run()),
  };
  const store = await openStore(platform, url, rest.limits);
  const engine = await pawl.open({ ...rest, store, workflows: workflows as AnyWorkflow[], platform });
  const one = { engine, platform };
  opened.push(one);
  const kill = async (): Promise<void> => {
    isAlive = false;
    opened.splice(opened.indexOf(one), 1);
    await store.close();
    leaveLock(url, engine.id);
  };
  return { ...one, kill };
}
