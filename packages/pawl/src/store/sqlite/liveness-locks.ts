/** Proof of life: each engine holds a lock that falls with its process, and with nothing else. */
import { existsSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pawlError } from '../../errors/index.ts';
import { isBusy } from './errors.ts';

/** `held`: its owner lives (or is stopped). `free`: its owner is gone. `missing`: there is no trace of it. */
export type LockState = 'held' | 'free' | 'missing';

/** The process table, as far as the store needs it; a simulation brings its own. */
export interface LivenessLocks {
  /** Takes the lock of a holder of this process. @throws `STORE_LOCKED` where somebody has it. */
  take(holder: string): void;
  look(holder: string): LockState;
  /** Gives up a lock of this process, or clears away one that is free. */
  clear(holder: string): void;
  /** Ids of all locks that left a trace. */
  traces(): string[];
  close(): void;
}

const ENDING = '.lock';
/** A cleaner may remove a file between its creation and its lock; then it is made again. */
const MAX_TRIES = 10;

/**
 * An exclusive SQLite lock on an empty file of its own, beside the database. Nothing but SQLite ever opens these files in
 * this process: POSIX drops all locks of a file when any descriptor of it is closed (https://sqlite.org/howtocorrupt.html 2.2).
 */
export class FileLocks implements LivenessLocks {
  readonly #folder: string;
  readonly #own = new Map<string, DatabaseSync>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  take(holder: string): void {
    mkdirSync(this.#folder, { recursive: true });
    const file = this.#fileOf(holder);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const lock = lockOf(file);
      if (lock === undefined) continue;
      if (existsSync(file)) {
        this.#own.set(holder, lock);
        return;
      }
      lock.close();
    }
    throw pawlError('STORE_LOCKED', { file });
  }

  look(holder: string): LockState {
    if (this.#own.has(holder)) return 'held';
    const file = this.#fileOf(holder);
    if (!existsSync(file)) return 'missing';
    const lock = lockOf(file);
    lock?.close();
    return lock === undefined ? 'held' : 'free';
  }

  clear(holder: string): void {
    const file = this.#fileOf(holder);
    const own = this.#own.get(holder);
    if (own === undefined && !existsSync(file)) return;
    const lock = own ?? lockOf(file);
    if (lock === undefined) return;
    this.#own.delete(holder);
    if (existsSync(file)) unlinkSync(file);
    lock.close();
  }

  traces(): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith(ENDING))
      .map((name) => decodeURIComponent(name.slice(0, -ENDING.length)));
  }

  close(): void {
    for (const holder of this.#own.keys()) this.clear(holder);
  }

  #fileOf(holder: string): string {
    return join(this.#folder, `${encodeURIComponent(holder)}${ENDING}`);
  }
}

/** An open exclusive lock on the file, or undefined where another connection has it. */
function lockOf(file: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive'); // nothing is ever written: no journal beside it
    return lock;
  } catch (error) {
    lock.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** Locks for a database that nobody else can see. */
export class NoLocks implements LivenessLocks {
  readonly #own = new Set<string>();

  take(holder: string): void {
    this.#own.add(holder);
  }

  look(holder: string): LockState {
    return this.#own.has(holder) ? 'held' : 'missing';
  }

  clear(holder: string): void {
    this.#own.delete(holder);
  }

  traces(): string[] {
    return [];
  }

  close(): void {
    this.#own.clear();
  }
}
