/** Opens SQLite stores for tests, in folders that go when the test is over. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { nodePlatform } from '../../packages/pawl/src/engine/platform.ts';
import { openSqliteStore } from '../../packages/pawl/src/sqlite.ts';
import type { Store, StoreLimits } from '../../packages/pawl/src/store/index.ts';
import { MovedClock } from '../../packages/pawl/src/testing/contract/index.ts';

export const platform = nodePlatform();
const START = Date.UTC(2_026, 0, 1);
const opened: Store[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  for (const folder of folders.splice(0)) {
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true, force: true });
  }
});

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-sqlite-'));
  folders.push(folder);
  return folder;
}

export interface OpenAt {
  readonly clock?: MovedClock;
  readonly limits?: Partial<StoreLimits> | undefined;
  /** How much faster than the timers the clock goes; 1 unless a test waits for the end of the store's patience. */
  readonly speed?: number;
}

/** A store whose timers fire at once and move its clock: it waits for nobody, and its patience has an end. */
export async function openAt(path: string, options: OpenAt = {}): Promise<Store> {
  const { clock = new MovedClock(START), limits, speed = 1 } = options;
  const setTimer = (delayMs: number, run: () => void) => {
    if (delayMs > 1) clock.move(delayMs * speed); // what is only gathered is not waited for
    return platform.setTimer(0, run);
  };
  const store = await openSqliteStore({ path, clock, setTimer, random: () => 0.5, limits });
  opened.push(store);
  return store;
}

/** A store in a new folder. */
export async function openFolder(limits: Partial<StoreLimits> = {}) {
  const clock = new MovedClock(START);
  const path = join(newFolder(), 'pawl.db');
  return { clock, path, store: await openAt(path, { clock, limits }) };
}
