/** Tells other processes of commits: many in one notice, on another session than the commits themselves. */
import type { Connection, StorePlatform } from './connection.ts';
import { notify } from './queries/notify.ts';

/** What somebody may be waiting for: a run that ended, became due, or got something. */
const URGENT_MS = 2;
/** What is only looked at: steps of a run that goes on. */
const PLAIN_MS = 50;

/**
 * States: quiet → (a commit) → gathering → telling → quiet. A notice inside each commit would let commits wait for each other: the
 * server puts them into one queue. A process that dies while it gathers tells nobody; the poll of the others finds its commit.
 */
export class Announcer {
  readonly #db: Connection;
  readonly #platform: StorePlatform;
  #stop: (() => void) | undefined;
  #dueAt = 0;
  #isTelling = false;
  #mustTell = false;

  constructor(db: Connection, platform: StorePlatform) {
    this.#db = db;
    this.#platform = platform;
  }

  /** Something was committed. */
  note(isUrgent: boolean): void {
    if (this.#isTelling) {
      this.#mustTell = true;
      return;
    }
    const delayMs = isUrgent ? URGENT_MS : PLAIN_MS;
    const dueAt = this.#platform.clock.monotonic() + delayMs;
    if (this.#stop !== undefined && this.#dueAt <= dueAt) return;
    this.#stop?.();
    this.#dueAt = dueAt;
    this.#stop = this.#platform.setTimer(delayMs, () => void this.#tell());
  }

  /** Announces what was noted, at once: the sessions are about to be closed. */
  async close(): Promise<void> {
    if (this.#stop !== undefined) await this.#tell();
    this.#mustTell = false;
    this.#stop?.();
    this.#stop = undefined;
  }

  async #tell(): Promise<void> {
    this.#stop?.();
    this.#stop = undefined;
    this.#isTelling = true;
    try {
      await this.#db.read(notify);
    } catch {
      // the server is away: those who commit say so, and the poll of the others is what is left
    }
    this.#isTelling = false;
    if (!this.#mustTell) return;
    this.#mustTell = false;
    this.note(true);
  }
}
