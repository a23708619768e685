/** Proof of life: a lock file on the same machine, elsewhere the advisory lock of a worker's session. */
import type { Connection, DatabaseSession, StorePlatform } from './connection.ts';
import { LOCK_WORKER, selectLife } from './queries/select-life.ts';

/** Locks that fall with their process and with nothing else, seen by the processes of one machine alone. */
export interface MachineLocks {
  /** @throws where somebody has it, or there is no place for it. */
  take(holder: string): void;
  /** `held`: its owner lives (or is stopped). `free`: its owner is gone. `missing`: it was never here. */
  look(holder: string): 'held' | 'free' | 'missing';
  clear(holder: string): void;
  close(): void;
}

/** A worker whose lock is missing is looked at again after this long before it counts as dead: its line may have broken. */
const MISSING_MS = 1_000;

/** Behind a session that had to be made anew, others may still be on their way back: a failover breaks all lines at once. */
const RETURN_MS = 10_000;

export interface LivenessTools {
  readonly db: Connection;
  readonly platform: StorePlatform;
  readonly machine: MachineLocks | undefined;
}

/** The locks of the engines of one store object, and what can be seen of the others. */
export class LivenessLocks {
  readonly #tools: LivenessTools;
  readonly #own = new Set<string>();
  /** When a worker's lock was first found missing (monotonic); forgotten when it is seen again. */
  readonly #missingSince = new Map<string, number>();
  #hasOpened = false;
  /** When the session was made anew (monotonic). */
  #renewedAt = Number.NEGATIVE_INFINITY;

  constructor(tools: LivenessTools) {
    this.#tools = tools;
  }

  /** Whether engines rely on the session: then it is made anew when its line breaks. */
  get isNeeded(): boolean {
    return this.#own.size > 0;
  }

  /** A session that was made anew takes the locks of its engines again: they keep their runs. */
  async renew(session: DatabaseSession): Promise<void> {
    if (this.#hasOpened) this.#renewedAt = this.#tools.platform.clock.monotonic();
    this.#hasOpened = true;
    if (session.isPooled) return;
    for (const holder of this.#own) await session.run(LOCK_WORKER, [holder]);
  }

  /** Notes an engine of this process; its session's lock is taken by whoever has the session. */
  take(holder: string): void {
    if (this.#own.has(holder)) return;
    this.#own.add(holder);
    try {
      this.#tools.machine?.take(holder);
    } catch {
      // a temporary folder of another user: the session's lock and the lease are left
    }
  }

  clear(holder: string): void {
    this.#own.delete(holder);
    this.#missingSince.delete(holder);
    this.#tools.machine?.clear(holder);
  }

  close(): void {
    this.#own.clear();
    this.#tools.machine?.close();
  }

  /** Missing at two looks at least a second apart, both long after the start of the server and after a break of our own line. */
  async isProvablyDead(holder: string): Promise<boolean> {
    const { db, platform, machine } = this.#tools;
    if (this.#own.has(holder)) return false;
    const state = machine?.look(holder) ?? 'missing';
    if (state !== 'missing') return state === 'free';
    const [life] = await db.read(selectLife, holder);
    const now = platform.clock.monotonic();
    const isSettled = life?.is_settled === true && now - this.#renewedAt > RETURN_MS;
    if (!isSettled || !life.has_lock || life.is_locked) {
      this.#missingSince.delete(holder);
      return false;
    }
    const since = this.#missingSince.get(holder) ?? now;
    this.#missingSince.set(holder, since);
    return now - since >= MISSING_MS;
  }
}
