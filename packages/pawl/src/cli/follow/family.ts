/** Follows the log of a run and of every run that it starts or goes on as, and keeps their folded states. */
import type { Engine } from '../../engine/index.ts';
import { emptyState, fold, type RunState, type StoredEvent } from '../../run/index.ts';

export interface FamilyEvent {
  readonly state: RunState;
  readonly event: StoredEvent;
}

/**
 * Open → following → stopped. `root` changes when a run continues as a new one; states only grow.
 * It holds one reader a live run and nothing of the store.
 */
export class Family {
  readonly states = new Map<string, RunState>();
  readonly #engine: Engine;
  readonly #listener: (event: FamilyEvent) => void;
  readonly #stopping = new AbortController();
  readonly #readers: Promise<void>[] = [];
  #rootId: string;
  #fail: (error: unknown) => void = () => undefined;
  /** Rejects when a log cannot be read any more; never resolves. */
  readonly failed: Promise<never>;

  constructor(engine: Engine, runId: string, listener: (event: FamilyEvent) => void) {
    this.#engine = engine;
    this.#rootId = runId;
    this.#listener = listener;
    this.failed = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
    this.#follow(runId);
  }

  /** The state of the run itself, or of the one that it continued as. */
  get root(): RunState {
    return this.#stateOf(this.#rootId);
  }

  /** Stops reading; resolves when no reader is left. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#readers);
  }

  #stateOf(runId: string): RunState {
    const known = this.states.get(runId);
    if (known) return known;
    const state = emptyState({ runId, tenant: this.#engine.tenant });
    this.states.set(runId, state);
    return state;
  }

  #follow(runId: string): void {
    const reader = this.#read(this.#stateOf(runId)).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#fail(error);
    });
    this.#readers.push(reader);
  }

  async #read(state: RunState): Promise<void> {
    const { signal } = this.#stopping;
    for await (const event of this.#engine.handle(state.runId).events({ follow: true, signal })) {
      if (signal.aborted) return;
      fold(state, event);
      if (event.type === 'child.started') this.#follow(event.data.childRunId);
      if (event.type === 'run.completed' && event.data.continuedTo !== undefined)
        this.#goOn(state, event.data.continuedTo);
      this.#listener({ state, event });
    }
  }

  /** A run that goes on as a new one is the same work: whoever waits for it waits for the new one. */
  #goOn(state: RunState, continuedTo: string): void {
    if (state.runId === this.#rootId) this.#rootId = continuedTo;
    this.#follow(continuedTo);
  }
}
