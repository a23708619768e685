/** Tells who waits for a run that it has ended, or that something may have changed. */
import { type NewEvent, type RunRef, runKey } from '../run/index.ts';
import { type Platform, Roster } from '../std/index.ts';
import type { Batch, CommitAnswer, Store } from '../store/index.ts';
import type { Journal } from '../worker/index.ts';

/** How a run ended, or `changed`: look yourself. */
export type EndNotice =
  | {
      readonly type: 'ended';
      readonly event: Extract<NewEvent, { type: 'run.completed' | 'run.failed' | 'run.cancelled' }>;
    }
  | { readonly type: 'changed' };

interface Listener {
  /** Not told of changes that this process makes on the way to the end. */
  readonly wantsEnd: boolean;
  readonly tell: (notice: EndNotice) => void;
}

/** The net under the notices, while somebody waits. */
const LOOK_MS = 5_000;

export class EndNotices {
  readonly #platform: Platform;
  /** By the keys of runs (`runKey`): an end is for nobody in another tenant. */
  readonly #waiting = new Roster<string, Set<Listener>>();
  readonly #stops: (() => void)[];
  #stopLook: (() => void) | undefined;

  constructor(journal: Journal, store: Store, platform: Platform) {
    this.#platform = platform;
    this.#stops = [
      journal.listen((batch, answer) => this.#onCommit(batch, answer)),
      journal.listenForFate(() => this.#all()),
      store.watch(() => this.#all()),
    ];
  }

  /** The end of a run that this process drives, or word that something outside may have changed it. */
  nextEnd(run: RunRef): Promise<EndNotice> {
    return this.#next(runKey(run), true, undefined);
  }

  /** The next change of a run, its end or not. */
  next(run: RunRef, signal?: AbortSignal): Promise<EndNotice> {
    return this.#next(runKey(run), false, signal);
  }

  #next(key: string, wantsEnd: boolean, signal: AbortSignal | undefined): Promise<EndNotice> {
    return new Promise((resolve) => {
      const listener: Listener = {
        wantsEnd,
        tell: (notice) => {
          this.#remove(key, listener);
          signal?.removeEventListener('abort', onAbort);
          resolve(notice);
        },
      };
      const onAbort = (): void => listener.tell({ type: 'changed' });
      const listeners = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, listeners.add(listener));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#stopLook ??= this.#platform.setTimer(LOOK_MS, () => this.#look());
    });
  }

  close(): void {
    for (const stop of this.#stops) stop();
    this.#stopLook?.();
    this.#stopLook = undefined;
    this.#all();
  }

  #remove(key: string, listener: Listener): void {
    const listeners = this.#waiting.get(key);
    listeners?.delete(listener);
    if (listeners?.size === 0) this.#waiting.delete(key);
  }

  #look(): void {
    this.#stopLook = undefined;
    this.#all();
  }

  #all(): void {
    for (const listeners of this.#waiting.values())
      for (const listener of listeners) listener.tell({ type: 'changed' });
  }

  #onCommit(batch: Batch, answer: CommitAnswer): void {
    if (this.#waiting.size === 0 || answer.type === 'refused') return;
    this.#tell(runKey(batch.run), answer.type === 'committed' ? terminalIn(batch) : undefined);
    for (const run of answer.touched) this.#tell(runKey(run), undefined);
  }

  #tell(key: string, event: Extract<EndNotice, { type: 'ended' }>['event'] | undefined): void {
    const listeners = this.#waiting.get(key);
    if (!listeners) return;
    for (const listener of listeners) {
      if (event) listener.tell({ type: 'ended', event });
      else if (!listener.wantsEnd) listener.tell({ type: 'changed' });
    }
  }
}

function terminalIn(batch: Batch): Extract<EndNotice, { type: 'ended' }>['event'] | undefined {
  const last = batch.conclusion?.events.at(-1) ?? batch.events.at(-1);
  return last && isEnd(last) ? last : undefined;
}

function isEnd(event: NewEvent): event is Extract<EndNotice, { type: 'ended' }>['event'] {
  return event.type === 'run.completed' || event.type === 'run.failed' || event.type === 'run.cancelled';
}
