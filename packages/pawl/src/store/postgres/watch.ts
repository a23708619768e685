/** Wake-ups from other processes: notices of the server, or looks where a pooler keeps notices away. */
import type { ChangeListener } from '../index.ts';
import type { Connection, DatabaseSession, StorePlatform } from './connection.ts';
import { CHANNEL } from './queries/notify.ts';
import { selectChanges } from './queries/select-changes.ts';
import { listen } from './queries/listen.ts';

/** Behind a pooler nobody tells: it is looked at this often, as long as somebody listens. */
const LOOK_MS = 500;

type StopListening = () => void;

/** States: *quiet* (nobody listens) → *listening* → (the line breaks) → *returning* → *listening*. */
export class ChangeWatch {
  readonly #platform: StorePlatform;
  /** The session that reads and listens; the watch is there first, since the session renews it. */
  #db: Connection | undefined;
  readonly #listeners = new Set<ChangeListener>();
  #ownPid = 0;
  #isPooled = false;
  #hasSaidPooled = false;
  #stopTimer: (() => void) | undefined;
  #snapshot = '';
  #count = 0;

  constructor(platform: StorePlatform) {
    this.#platform = platform;
  }

  listenOn(db: Connection): void {
    this.#db = db;
  }

  add(listener: ChangeListener): StopListening {
    const own: ChangeListener = () => listener(); // the same listener may be added twice
    const isFirst = this.#listeners.size === 0;
    this.#listeners.add(own);
    if (isFirst) void this.#begin();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** The session was made anew: who listens is subscribed again, and looks for what it has missed. */
  async renew(session: DatabaseSession): Promise<void> {
    this.#ownPid = session.pid;
    this.#isPooled = session.isPooled;
    if (session.isPooled) this.#sayPooled();
    if (this.#listeners.size === 0) return;
    if (session.isPooled) this.#lookLater();
    else await session.run(`listen ${CHANNEL}`);
    this.#tell();
  }

  /** The server has a notice; one of our own is no news. */
  onNotice(senderPid: number): void {
    if (senderPid !== this.#ownPid) this.#tell();
  }

  /** Whether anybody listens: then the session is made anew when its line breaks. */
  get isNeeded(): boolean {
    return this.#listeners.size > 0;
  }

  /** Where nothing had happened before a transaction of our own, it does not count as a change. */
  onOwn({ xid, snapshot }: { readonly xid: string; readonly snapshot: string }): void {
    if (snapshot !== this.#snapshot || snapshot !== `${xid}:${xid}:`) return;
    const next = BigInt(xid) + 1n;
    this.#snapshot = `${next}:${next}:`;
  }

  /** Another number after every commit of anybody. */
  async changes(): Promise<number> {
    const rows = await this.#db?.read(selectChanges);
    const snapshot = rows?.[0]?.snapshot ?? '';
    if (snapshot !== this.#snapshot) this.#count += 1;
    this.#snapshot = snapshot;
    return this.#count;
  }

  /** Subscribes, where the session did not do so as it was made. */
  async #begin(): Promise<void> {
    try {
      await this.#db?.wake();
      if (this.#isPooled) this.#lookLater();
      else await this.#db?.read(listen);
    } catch {
      // the server is away: whoever asks it for anything makes the session anew, and is subscribed then
    }
  }

  #lookLater(): void {
    this.#stopTimer?.();
    this.#stopTimer = this.#platform.setTimer(LOOK_MS, () => void this.#look());
  }

  async #look(): Promise<void> {
    const before = this.#count;
    try {
      if ((await this.changes()) !== before) this.#tell();
    } catch {
      // the listener finds out when it looks for itself
    }
    if (this.#listeners.size > 0) this.#lookLater();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #sayPooled(): void {
    if (this.#hasSaidPooled) return;
    this.#hasSaidPooled = true;
    this.#platform.logger.log(
      'warn',
      'a pooler stands before the database: other processes are noticed by looking, the dead by their silence',
    );
  }
}
