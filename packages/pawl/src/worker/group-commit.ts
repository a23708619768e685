/** Group commit in one place: what many runs want to write there in one moment goes to the disk in one transaction. */
import { isPawlError } from '../errors/index.ts';
import type { RunRef } from '../run/index.ts';
import type { Platform } from '../std/index.ts';
import type { Batch, CommitAnswer, Store } from '../store/index.ts';
import { MAX_GROUP } from './defaults.ts';

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
}

/** States: *idle* → *scheduled* (a flush follows at the end of the turn) → *flushing* (one transaction in flight) → *idle*. */
export class GroupCommit {
  readonly #setup: GroupCommitSetup;
  #sources = new Set<CommitSource>();
  #externals: External[] = [];
  #state: 'idle' | 'scheduled' | 'flushing' = 'idle';
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

  #schedule(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'scheduled';
    this.#setup.platform.nextTurn(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    this.#state = 'flushing';
    const group = this.#takeGroup();
    if (group.batches.length > 0) await this.#write(group);
    this.#state = 'idle';
    if (this.#sources.size > 0 || this.#externals.length > 0) this.#schedule();
  }

  #takeGroup(): Group {
    const group: Group = { batches: [], owners: [] };
    const asking = this.#sources;
    this.#sources = new Set();
    for (const source of asking) {
      if (group.batches.length >= MAX_GROUP) {
        this.#sources.add(source);
        continue;
      }
      const batch = source.takeBatch();
      if (!batch) continue;
      group.batches.push(batch);
      group.owners.push(source);
    }
    for (const external of this.#externals.splice(0, MAX_GROUP)) {
      group.batches.push(external.batch);
      group.owners.push(external);
    }
    return group;
  }

  async #write(group: Group): Promise<void> {
    for (;;) {
      try {
        const answers = await this.#setup.store.commit(group.batches);
        this.#available();
        this.#answer(group, answers);
        return;
      } catch (error) {
        if (this.#closedReason !== undefined) return fail(group, this.#closedReason);
        if (isPawlError(error) && error.code === 'STORE_UNKNOWN') return await this.#doubt(group, error);
        if (!isPawlError(error) || error.code !== 'STORE_UNAVAILABLE') return fail(group, error);
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
    this.#setup.platform.logger.log('info', 'the store is back: commits go on');
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

function fail(group: Group, error: unknown): void {
  for (const owner of group.owners) {
    if ('resolve' in owner) owner.reject(error);
    else owner.onAnswer({ type: 'refused', reason: 'refused', detail: String(error) });
  }
}

function canResend(batch: Batch): boolean {
  return batch.dedupeId !== undefined || batch.isIdempotent === true;
}
