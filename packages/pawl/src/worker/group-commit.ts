/** Group commit in one place: what many runs want to write there in one moment goes to the disk in one transaction. */
import { isPawlError } from '../errors/index.ts';
import type { RunRef } from '../run/index.ts';
import type { Platform } from '../std/index.ts';
import type { Batch, CommitAnswer, Store } from '../store/index.ts';
import { lengthOf } from './batch-facts.ts';
import { MAX_GROUP, MAX_GROUP_LENGTH } from './defaults.ts';

/** A run that has something to write. */
export interface CommitSource {
  readonly run: RunRef & { readonly num: number };
  takeBatch(): Batch | undefined;
  onAnswer(answer: CommitAnswer): void;
  /** Nobody knows whether the batch landed: claim again and read. */
  onUnknown(): void;
}

/** `isResent`: the first answer to it was lost, and the run may have moved on since. */
export type CommitListener = (batch: Batch, answer: CommitAnswer, isResent: boolean) => void;

export interface GroupCommitSetup {
  readonly store: Store;
  readonly platform: Platform;
  /** Told of every batch that was answered, after its owner. */
  readonly onAnswer: CommitListener;
}

interface External {
  readonly batch: Batch;
  readonly isResent: boolean;
  resolve(answer: CommitAnswer): void;
  reject(error: unknown): void;
}

interface Group {
  readonly batches: Batch[];
  readonly owners: (CommitSource | External)[];
  /** Characters of payload. */
  length: number;
}

/** A group of so many is sent in two halves, where two may be under way: one is answered while the other is written. */
const MIN_SPLIT = 64;
/** Fewer wait for the group that is under way: one that is formed early is small, and each waits for the disk. */
const MIN_SECOND = 24;

/**
 * States: *idle* → *scheduled* (a flush follows at the end of the turn) → *flushing* (as many groups in flight as the store takes at
 * once) → *idle*. A source has one batch in flight at most, whatever the store takes.
 */
export class GroupCommit {
  readonly #setup: GroupCommitSetup;
  #sources = new Set<CommitSource>();
  #externals: External[] = [];
  /** Sources whose batch is in flight: they are asked for the next one when it is answered. No `Set`: `Roster` says why. */
  readonly #busy = new WeakSet<CommitSource>();
  #isScheduled = false;
  #inFlight = 0;
  #isUnavailable = false;
  /** The latest commit had an unknown fate. */
  #isDoubtful = false;
  #backoffMs = 0;
  #closedReason: Error | undefined;

  constructor(setup: GroupCommitSetup) {
    this.#setup = setup;
  }

  /** The source has something to write: it is asked for its batch at the end of this turn. */
  request(source: CommitSource): void {
    this.#sources.add(source);
    this.#schedule();
  }

  /** Commits the batch of an outsider. */
  commit(batch: Batch): Promise<CommitAnswer> {
    if (this.#closedReason !== undefined) return Promise.reject(this.#closedReason);
    return new Promise((resolve, reject) => {
      this.#externals.push({ batch, isResent: false, resolve, reject });
      this.#schedule();
    });
  }

  /** Everything asked for so far fails from now on. */
  close(reason: Error): void {
    this.#closedReason = reason;
    for (const external of this.#externals) external.reject(reason);
    this.#externals = [];
    this.#sources.clear();
  }

  get #maxInFlight(): number {
    return this.#setup.store.groupsInFlight ?? 1;
  }

  #schedule(): void {
    if (this.#isScheduled || this.#inFlight >= this.#maxInFlight) return;
    if (this.#inFlight > 0 && this.#sources.size + this.#externals.length < MIN_SECOND) return;
    this.#isScheduled = true;
    this.#setup.platform.nextTurn(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    this.#isScheduled = false;
    this.#inFlight += 1; // before anybody is asked: whoever asks for more meanwhile must find it
    const group = this.#takeGroup();
    if (group.batches.length > 0) {
      this.#scheduleRest();
      await this.#write(group);
    }
    this.#inFlight -= 1;
    this.#scheduleRest();
  }

  /** Whoever asks and is not busy is served as soon as the store takes another group. */
  #scheduleRest(): void {
    if (this.#externals.length > 0) return this.#schedule();
    for (const source of this.#sources) if (!this.#busy.has(source)) return this.#schedule();
  }

  #takeGroup(): Group {
    const group: Group = { batches: [], owners: [], length: 0 };
    const asking = this.#sources;
    const most = this.#maxOf(asking.size);
    this.#sources = new Set();
    for (const source of asking) {
      if (group.batches.length >= most || group.length >= MAX_GROUP_LENGTH || this.#busy.has(source)) {
        this.#sources.add(source);
        continue;
      }
      const batch = source.takeBatch();
      if (!batch) continue;
      this.#busy.add(source);
      add(group, source, batch);
    }
    this.#takeExternals(group);
    return group;
  }

  /** However large what holders write is: one of the others goes with it. */
  #takeExternals(group: Group): void {
    let taken = 0;
    for (const external of this.#externals) {
      if (taken === MAX_GROUP || (taken > 0 && group.length >= MAX_GROUP_LENGTH)) break;
      add(group, external, external.batch);
      taken += 1;
    }
    this.#externals.splice(0, taken);
  }

  #maxOf(asking: number): number {
    const isSplit = asking >= MIN_SPLIT && this.#inFlight === 1 && this.#maxInFlight > 1;
    return isSplit ? Math.min(MAX_GROUP, Math.ceil(asking / 2)) : MAX_GROUP;
  }

  /** Their batches are answered, or never will be. */
  #free({ owners }: Group): void {
    for (const owner of owners) if (!('resolve' in owner)) this.#busy.delete(owner);
  }

  async #write(group: Group): Promise<void> {
    for (;;) {
      try {
        const answers = await this.#setup.store.commit(group.batches);
        this.#free(group);
        this.#available();
        this.#answer(group, answers);
        return;
      } catch (error) {
        if (this.#closedReason !== undefined) return this.#fail(group, this.#closedReason);
        if (isPawlError(error) && error.code === 'STORE_UNKNOWN') return await this.#doubt(group, error);
        if (!isPawlError(error) || error.code !== 'STORE_UNAVAILABLE') return this.#fail(group, error);
        await this.#backOff(error);
      }
    }
  }

  #answer(group: Group, answers: readonly CommitAnswer[]): void {
    for (let index = 0; index < answers.length; index++) {
      const owner = group.owners[index] as CommitSource | External;
      const answer = answers[index] as CommitAnswer;
      if ('resolve' in owner) owner.resolve(answer);
      else owner.onAnswer(answer);
    }
    for (let index = 0; index < answers.length; index++) {
      const batch = group.batches[index] as Batch;
      const owner = group.owners[index] as CommitSource | External;
      const isResent = 'resolve' in owner && owner.isResent;
      this.#setup.onAnswer(batch, answers[index] as CommitAnswer, isResent);
    }
  }

  /**
   * Externals with a dedupe id are sent again, at once after the first doubt in a row; holders claim again; who has no id must
   * decide for itself.
   */
  async #doubt(group: Group, error: unknown): Promise<void> {
    this.#free(group);
    for (const [index, owner] of group.owners.entries()) {
      if (!('resolve' in owner)) owner.onUnknown();
      else if (canResend(group.batches[index] as Batch)) this.#externals.push({ ...owner, isResent: true });
      else owner.reject(error);
    }
    if (this.#isDoubtful) await this.#backOff(error);
    this.#isDoubtful = true;
  }

  #available(): void {
    this.#isDoubtful = false;
    this.#backoffMs = 0;
    if (!this.#isUnavailable) return;
    this.#isUnavailable = false;
    this.#setup.platform.logger.log('warn', 'the store is back: commits go on');
  }

  #fail(group: Group, error: unknown): void {
    this.#free(group);
    for (const owner of group.owners) {
      if ('resolve' in owner) owner.reject(error);
      else owner.onAnswer({ type: 'refused', reason: 'refused', detail: String(error) });
    }
  }

  /** 50 ms doubling to 5 s, with jitter; logged once a change of state. */
  #backOff(error: unknown): Promise<void> {
    if (!this.#isUnavailable) {
      this.#isUnavailable = true;
      this.#setup.platform.logger.log(
        'error',
        'the store does not take commits; work waits and is tried again',
        {
          error: String(error),
        },
      );
    }
    this.#backoffMs = Math.min(5_000, Math.max(50, this.#backoffMs * 2));
    const delayMs = Math.round(this.#backoffMs * (0.8 + 0.4 * this.#setup.platform.random()));
    return new Promise((resolve) => void this.#setup.platform.setTimer(delayMs, resolve));
  }
}

function add(group: Group, owner: CommitSource | External, batch: Batch): void {
  group.batches.push(batch);
  group.owners.push(owner);
  group.length += lengthOf(batch);
}

function canResend(batch: Batch): boolean {
  return batch.dedupeId !== undefined || batch.isIdempotent === true;
}
