/** The way of everything that is committed: to the place where its run stands, in groups, each place by itself. */
import { pawlError } from '../errors/index.ts';
import type { Platform } from '../std/index.ts';
import { type Batch, type CommitAnswer, partOf, type Store } from '../store/index.ts';
import { type CommitListener, type CommitSource, GroupCommit } from './group-commit.ts';

type StopListening = () => void;

/** One group a place in flight: a place that does not answer holds up nothing in the others. */
export class Journal {
  readonly #store: Store;
  readonly #platform: Platform;
  readonly #groups: ReadonlyMap<Store, GroupCommit>;
  readonly #listeners = new Set<CommitListener>();
  readonly #fateListeners = new Set<() => void>();
  #isFateScheduled = false;
  #closedReason: Error | undefined;

  constructor(store: Store, platform: Platform) {
    this.#store = store;
    this.#platform = platform;
    const onAnswer: CommitListener = (...told) => this.#answered(...told);
    const places = store.parts?.all ?? [store];
    this.#groups = new Map(
      places.map((place) => [place, new GroupCommit({ store: place, platform, onAnswer })]),
    );
  }

  /** Tells of every batch that was answered, after its owner. */
  listen(listener: CommitListener): StopListening {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells that the fate of a doubtful commit is settled: what it created, touched or ended is in the store, or never will be. */
  listenForFate(listener: () => void): StopListening {
    this.#fateListeners.add(listener);
    return () => this.#fateListeners.delete(listener);
  }

  /** Somebody has found out what became of its doubtful batch; told once for many, when they have drawn their conclusions. */
  fateSettled(): void {
    if (this.#isFateScheduled) return;
    this.#isFateScheduled = true;
    this.#platform.nextTurn(() => {
      this.#isFateScheduled = false;
      for (const listener of this.#fateListeners) listener();
    });
  }

  /** The source has something to write: it is asked for its batch at the end of this turn. */
  request(source: CommitSource): void {
    this.#groups.get(partOf(this.#store, source.run))?.request(source);
  }

  /** Commits the batch of an outsider. @throws `STORE_UNAVAILABLE` where nobody can tell where its run stands */
  commit(batch: Batch): Promise<CommitAnswer> {
    const place = this.#store.parts?.for(batch) ?? this.#store;
    return place instanceof Promise ? this.#commitWhere(place, batch) : this.#commitAt(place, batch);
  }

  async #commitWhere(place: Promise<Store>, batch: Batch): Promise<CommitAnswer> {
    return await this.#commitAt(await place, batch);
  }

  #commitAt(place: Store, batch: Batch): Promise<CommitAnswer> {
    const group = this.#groups.get(place);
    if (this.#closedReason !== undefined || group === undefined)
      return Promise.reject(this.#closedReason ?? pawlError('ENGINE_CLOSED'));
    return group.commit(batch);
  }

  #answered(batch: Batch, answer: CommitAnswer, isResent: boolean): void {
    for (const listener of this.#listeners) listener(batch, answer, isResent);
    if (isResent) this.fateSettled();
  }

  /** Everything asked for so far fails from now on. */
  close(): void {
    const reason = pawlError('ENGINE_CLOSED');
    this.#closedReason = reason;
    for (const group of this.#groups.values()) group.close(reason);
  }

  get isClosed(): boolean {
    return this.#closedReason !== undefined;
  }
}
