/** Takes in what a run's log gained without its holder: arrivals, and what lies between them and its own commits. */
import { isPawlError } from '../errors/index.ts';
import type { RunRef, StoredEvent } from '../run/index.ts';
import type { SessionHost } from './host.ts';
import { LOG_PAGE } from './defaults.ts';

/** What the intake needs of its session. */
export interface IntakeSession {
  readonly host: SessionHost;
  readonly run: RunRef;
  /** The last seq that was folded. */
  readonly foldedSeq: number;
  /** Whether reading makes sense now: the run is live, and no commit of its own is in flight. */
  readonly mayRead: boolean;
  readonly isOver: boolean;
  take(event: StoredEvent): void;
  onRead(): void;
  onBroken(error: unknown): void;
}

const AGAIN_MS = 500;

export class Intake {
  readonly #session: IntakeSession;
  #isReading = false;
  #mustRead = false;

  constructor(session: IntakeSession) {
    this.#session = session;
  }

  /** While this is so nothing else may fold events. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Something may have arrived: read now, or as soon as that is possible. */
  note(): void {
    this.#mustRead = true;
    this.catchUp();
  }

  /** Reads what was noted, if that is possible now. */
  catchUp(): void {
    if (!this.#mustRead || this.#isReading || !this.#session.mayRead) return;
    this.#mustRead = false;
    void this.read();
  }

  /** Reads and folds everything up to `lastSeq` (left out: to the end), then calls `then`. */
  async read(lastSeq = Number.MAX_SAFE_INTEGER, then?: () => void): Promise<void> {
    this.#isReading = true;
    try {
      await this.#readPages(lastSeq);
    } catch (error) {
      if (isPawlError(error) && error.code === 'STORE_UNAVAILABLE') {
        this.#session.host.platform.setTimer(AGAIN_MS, () => void this.read(lastSeq, then));
        return;
      }
      this.#isReading = false;
      this.#session.onBroken(error);
      return;
    }
    this.#isReading = false;
    if (this.#session.isOver) return;
    then?.();
    this.#session.onRead();
    this.catchUp();
  }

  async #readPages(lastSeq: number): Promise<void> {
    const session = this.#session;
    while (!session.isOver && session.foldedSeq < lastSeq) {
      const limit = Math.min(LOG_PAGE, lastSeq - session.foldedSeq);
      const events = await session.host.store.readEvents(session.run, session.foldedSeq, limit);
      if (session.isOver) return;
      for (const event of events) session.take(event);
      if (events.length < limit) return;
    }
  }
}
