/** Wake-ups from other processes: a watch on the database's folder, confirmed by SQLite's own data version. */
import { type FSWatcher, watch as watchFolder } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { ChangeListener } from '../index.ts';
import type { Connection } from './connection.ts';
import type { StorePlatform } from './writer.ts';

/** A notice of the file system can come before the commit that it announces is visible: it is looked for again after these times. */
const LOOK_AGAIN_MS = [1, 4, 16, 64] as const;
/** Looks are at least this far apart: a process that commits without a pause is told of each of its own commits. */
const LOOK_GAP_MS = 1;

/**
 * Quiet → (the WAL changed) → looking → quiet. A folder is watched and no file: a watch never opens what it watches (JOURNAL C),
 * and a WAL that is created later is seen too. Commits of this connection do not change the data version, so they wake nobody.
 */
export class ChangeWatch {
  readonly #db: Connection;
  readonly #platform: StorePlatform;
  readonly #listeners = new Set<ChangeListener>();
  #watcher: FSWatcher | undefined;
  #version = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** The look that comes next, counted from the last notice; 0 while a notice waits for its first look. */
  #next = 0;
  #stopTimer: (() => void) | undefined;

  constructor(db: Connection, platform: StorePlatform) {
    this.#db = db;
    this.#platform = platform;
  }

  add(file: string, listener: ChangeListener): () => void {
    const own: ChangeListener = () => listener(); // the same listener may be added twice
    if (this.#listeners.size === 0) this.#hasChanged(); // what changed before is no news
    this.#listeners.add(own);
    this.#watcher ??= this.#watch(file);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** Without a watch (no inotify instances left, a file system that has none) the poll of the worker is the net. */
  #watch(file: string): FSWatcher | undefined {
    const wal = `${basename(file)}-wal`;
    try {
      const watcher = watchFolder(dirname(file), { persistent: false }, (_event, name) => {
        if (name === null || name === wal) this.#notice();
      });
      watcher.on('error', () => watcher.close());
      return watcher;
    } catch {
      return undefined;
    }
  }

  /** Looked at now, or after the gap where the last look was a moment ago. */
  #notice(): void {
    if (this.#next === 0 && this.#stopTimer !== undefined) return;
    this.#next = 0;
    const sinceMs = this.#platform.clock.monotonic() - this.#lookedAt;
    if (sinceMs >= LOOK_GAP_MS) this.#look();
    else this.#lookIn(LOOK_GAP_MS);
  }

  #lookIn(delayMs: number): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#platform.setTimer(delayMs, () => this.#look());
  }

  #look(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (!this.#db.isOpen || this.#listeners.size === 0) return;
    this.#lookedAt = this.#platform.clock.monotonic();
    const delayMs = LOOK_AGAIN_MS[this.#next];
    this.#next += 1;
    if (delayMs !== undefined) this.#lookIn(delayMs);
    if (this.#hasChanged()) for (const listener of this.#listeners) listener();
  }

  #hasChanged(): boolean {
    try {
      const version = this.#db.dataVersion();
      const hasChanged = version !== this.#version;
      this.#version = version;
      return hasChanged;
    } catch {
      return true; // the listener looks for itself, and meets the error where it can be told
    }
  }
}
