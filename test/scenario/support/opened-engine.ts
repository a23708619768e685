/** Opens engines on platforms whose time a test moves, and closes them when the test is over. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AnyWorkflow, type Engine, type OpenOptions, pawl } from 'pawl';
import { openSqliteStore } from 'pawl/sqlite';
import { type FakePlatform, fakePlatform } from 'pawl/testing';
import { afterEach } from 'vitest';
import type { Store } from '../../../packages/pawl/src/store/index.ts';

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
const folders: string[] = [];

afterEach(async () => {
  for (const one of opened.splice(0)) await closeEngine(one);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The URL of a database file in a new folder that goes with the test. */
export function newDatabase(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-scenario-'));
  folders.push(folder);
  return `sqlite:${join(folder, 'pawl.db')}`;
}

export function pathOfDatabase(url: string): string {
  return url.slice('sqlite:'.length);
}

export async function openEngine(
  workflows: readonly unknown[],
  options: OpenedOptions = {},
): Promise<OpenedEngine> {
  const { seed = 1, laterMs = 0, store = 'sqlite::memory:', ...rest } = options;
  const platform = fakePlatform({ seed, startMs: START + laterMs });
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
  const store = await openSqliteStore({ ...platform, path: pathOfDatabase(url), limits: rest.limits });
  const engine = await pawl.open({ ...rest, store, workflows: workflows as AnyWorkflow[], platform });
  const one = { engine, platform };
  opened.push(one);
  const kill = async (): Promise<void> => {
    isAlive = false;
    opened.splice(opened.indexOf(one), 1);
    await store.close();
    leaveLock(pathOfDatabase(url), engine.id);
  };
  return { ...one, kill };
}

/** What is left of a process that was killed: a lock file that nobody holds. */
function leaveLock(path: string, engineId: string): void {
  writeFileSync(join(`${path}-holders`, `${engineId}.lock`), '');
}
