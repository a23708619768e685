/** Tells other processes of a commit when it can be seen: the writes of the commit itself wake them too early. */
import { utimesSync } from 'node:fs';
import type { StorePlatform } from './writer.ts';

/** Commits that follow each other closely are announced together. */
const GATHER_MS = 1;

/**
 * States: quiet → (a commit) → gathering → (the log's file is touched) → quiet. A watch sees the pages of a commit being written,
 * and the commit is visible only when they are on the disk, which may take longer than anybody looks again. The file is touched by
 * its name and never opened: closing it would drop SQLite's own locks (JOURNAL C).
 */
export class Announcer {
  readonly #log: string;
  readonly #platform: StorePlatform;
  #stop: (() => void) | undefined;

  constructor(file: string, platform: StorePlatform) {
    this.#log = `${file}-wal`;
    this.#platform = platform;
  }

  /** Something was committed. */
  note(): void {
    this.#stop ??= this.#platform.setTimer(GATHER_MS, () => this.#touch());
  }

  /** Announces what was noted, at once: the connection is about to be closed. */
  close(): void {
    if (this.#stop) this.#touch();
  }

  #touch(): void {
    this.#stop?.();
    this.#stop = undefined;
    const seconds = this.#platform.clock.now() / 1_000;
    try {
      utimesSync(this.#log, seconds, seconds);
    } catch {
      // another user's file, or none any more: then the looks after a notice and the poll of the worker are what is left
    }
  }
}
