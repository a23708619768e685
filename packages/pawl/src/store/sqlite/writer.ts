/** Write transactions of one process among several: begun at once or asked for again from the event loop, never waited for inside SQLite. */
import { isPawlError, type PawlError, pawlError } from '../../errors/index.ts';
import type { Clock, Platform } from '../../std/index.ts';
import type { Connection } from './connection.ts';
import { commitError, isBusy, readError, surroundingsError } from './errors.ts';

/** What the store takes from its surroundings. */
export type StorePlatform = Pick<Platform, 'clock' | 'setTimer' | 'random'>;

/** After this long without the lock the store counts as unavailable. */
const BUSY_LIMIT_MS = 10_000;
const RETRY_MIN_MS = 0.5;
const RETRY_SPREAD_MS = 1.5;
/** A process that commits back to back lets go this often, so that its neighbours get their turn. */
const BURST_MS = 20;
const BURST_PAUSE_MS = 2;
/** Commits that follow each other within this time are one burst. */
const BURST_GAP_MS = 2;

export class Writer {
  readonly #db: Connection;
  readonly #platform: StorePlatform;
  readonly #onRollback: () => void;
  readonly #onCommit: () => void;
  /** Why nothing is written any more: what the connection writes to is not the file that others see. */
  #lost: PawlError | undefined;
  /** Whether another process uses the file, as far as known: only then bursts pause. */
  hasNeighbors = false;
  #burstStart = 0;
  #lastEnd = Number.NEGATIVE_INFINITY;

  constructor(
    db: Connection,
    platform: StorePlatform,
    on: { readonly rollback: () => void; readonly commit: () => void },
  ) {
    this.#db = db;
    this.#platform = platform;
    this.#onRollback = on.rollback;
    this.#onCommit = on.commit;
  }

  /**
   * Runs `work` in one transaction. What `work` throws is thrown after the rollback, in our words where it was the file or the disk.
   * @throws `STORE_UNAVAILABLE` where it certainly did not happen, `STORE_UNKNOWN` where nobody knows, `STORE_CORRUPT`.
   */
  async write<T>(work: () => T): Promise<T> {
    if (this.#isBursting()) await this.#endBurst();
    const start = this.#clock.monotonic();
    for (;;) {
      const failure = this.#begin();
      // No await from here to the end of the transaction: another call of this connection must not fall into it.
      if (failure === undefined) return this.#finish(work);
      await this.#waitForNeighbor(start, failure.error);
    }
  }

  /**
   * Runs one statement that is its own transaction.
   * @throws what `write` throws; a failure of a single statement is certain.
   */
  async writeAlone<T>(statement: () => T): Promise<T> {
    if (this.#isBursting()) await this.#endBurst();
    return this.read(statement);
  }

  /** Runs a read, again where another process holds the file alone for a moment (recovery, migration). */
  async read<T>(work: () => T): Promise<T> {
    const start = this.#clock.monotonic();
    for (;;) {
      this.#requireOpen();
      try {
        return work();
      } catch (error) {
        if (!isBusy(error)) throw readError(error);
        await this.#waitForNeighbor(start, error);
      }
    }
  }

  /** Looks whether the file still stands; from the first time on that it does not, everything is refused. */
  requireStanding(file: { check(): void }): void {
    try {
      file.check();
    } catch (error) {
      if (!isPawlError(error)) throw error;
      this.#lost ??= error;
    }
    this.#requireOpen();
  }

  get #clock(): Clock {
    return this.#platform.clock;
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#undo();
      throw surroundingsError(error) ?? error;
    }
  }

  #undo(): void {
    this.#onRollback();
    try {
      this.#db.rollback();
    } catch {
      // the first error is the one to report, and SQLite rolls back when the connection is next used
    }
  }

  /** Takes the write lock, or says who has it. */
  #begin(): { readonly error: unknown } | undefined {
    this.#requireOpen();
    try {
      this.#db.begin();
      return undefined;
    } catch (error) {
      if (!isBusy(error)) throw surroundingsError(error) ?? error;
      this.hasNeighbors = true;
      return { error };
    }
  }

  #finish<T>(work: () => T): T {
    const result = this.#attempt(work);
    try {
      this.#db.commit();
    } catch (error) {
      this.#undo();
      throw commitError(error);
    }
    this.#lastEnd = this.#clock.monotonic();
    this.#onCommit();
    return result;
  }

  #requireOpen(): void {
    if (!this.#db.isOpen) throw pawlError('STORE_UNAVAILABLE', { problem: 'it is closed' });
    if (this.#lost !== undefined) throw this.#lost;
  }

  async #waitForNeighbor(start: number, cause: unknown): Promise<void> {
    if (this.#clock.monotonic() - start > BUSY_LIMIT_MS) {
      const problem = `the file was busy for ${BUSY_LIMIT_MS / 1_000} s`;
      throw pawlError('STORE_UNAVAILABLE', { problem }, { cause });
    }
    await this.#pause(RETRY_MIN_MS + this.#platform.random() * RETRY_SPREAD_MS);
  }

  #isBursting(): boolean {
    const now = this.#clock.monotonic();
    if (now - this.#lastEnd > BURST_GAP_MS) this.#burstStart = now;
    return this.hasNeighbors && now - this.#burstStart > BURST_MS;
  }

  async #endBurst(): Promise<void> {
    await this.#pause(BURST_PAUSE_MS);
    this.#burstStart = this.#clock.monotonic();
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#platform.setTimer(delayMs, resolve);
    });
  }
}
