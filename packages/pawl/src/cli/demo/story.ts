/** What the journal tells of the demo's run: which step ended when, under which worker, and what was remembered. */
import {
  emptyState,
  fold,
  isOpenStep,
  type RunState,
  type StepState,
  type StoredEvent,
  type WaitState,
} from '../../run/index.ts';
import { decodePayload, type Json, type Payload } from '../../std/index.ts';

/** A line of the story. */
export type Scene =
  | {
      readonly kind: 'done';
      readonly path: string;
      readonly durationMs: number;
      readonly attempt: number;
      readonly note: string;
    }
  | { readonly kind: 'failed' | 'lost'; readonly path: string; readonly note: string }
  | { readonly kind: 'decided'; readonly path: string; readonly decision: string; readonly by: string };

/** Reads the run's events in order; nothing here comes from the processes themselves. */
export class Story {
  readonly state: RunState;
  /** The last event that the killed worker wrote; undefined while it lives. */
  #killedAt: number | undefined;
  #killedAtMs = 0;
  #gapMs = 0;
  readonly #endSeq = new Map<string, number>();

  constructor(runId: string, tenant: string) {
    this.state = emptyState({ runId, tenant });
  }

  take(event: StoredEvent): Scene | undefined {
    fold(this.state, event);
    if (this.isTakingOver) this.#gapMs = Math.max(0, event.at - this.#killedAtMs);
    const path = event.path ?? '';
    switch (event.type) {
      case 'step.completed':
        this.#endSeq.set(path, event.seq);
        return {
          kind: 'done',
          path,
          durationMs: event.data.durationMs,
          attempt: event.data.attempt ?? 1,
          note: noteOf(event.payload),
        };
      case 'step.failed':
      case 'step.retried':
        return { kind: 'failed', path, note: noteOf(event.payload) };
      case 'step.lost':
        return { kind: 'lost', path, note: '' };
      case 'wait.resolved':
        return { kind: 'decided', path, decision: event.data.outcome, by: event.actor ?? 'nobody' };
      default:
        return undefined;
    }
  }

  get completed(): readonly StepState[] {
    return [...this.state.steps.values()].filter((step) => step.status === 'completed');
  }

  /** A step that has started and not ended, as far as the journal knows: that is what counts. */
  get openStep(): string | undefined {
    return [...this.state.steps.values()].find((step) => isOpenStep(step))?.path;
  }

  get openApproval(): WaitState | undefined {
    return [...this.state.waits.values()].find((wait) => wait.kind === 'approval' && wait.status === 'open');
  }

  /** From here on everything is written by the next worker. */
  noteKill(nowMs: number): void {
    this.#killedAt = this.state.lastSeq;
    this.#killedAtMs = nowMs;
  }

  /** From the kill to the first event of the next worker. */
  get gapMs(): number {
    return this.#gapMs;
  }

  /** Whether the latest event is the first that the next worker wrote: it has been through all that was recorded. */
  get isTakingOver(): boolean {
    return this.#killedAt !== undefined && this.state.lastSeq === this.#killedAt + 1;
  }

  /** Steps by the worker under which they ended. */
  get byWorker(): { readonly first: readonly string[]; readonly second: readonly string[] } {
    const killedAt = this.#killedAt ?? this.state.lastSeq;
    const paths = [...this.#endSeq];
    return {
      first: paths.filter(([, seq]) => seq <= killedAt).map(([path]) => path),
      second: paths.filter(([, seq]) => seq > killedAt).map(([path]) => path),
    };
  }
}

/** What a step says of its outcome: its `note`, the first line of a command, the note of an answer. */
export function noteOf(payload: Payload | undefined): string {
  const value = payload === undefined ? undefined : decodePayload(payload);
  return noteIn(value) ?? '';
}

function noteIn(value: Json | undefined): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  for (const key of ['note', 'message']) {
    if (typeof value[key] === 'string') return value[key];
  }
  if (typeof value['stdout'] === 'string') return value['stdout'].trim().split('\n')[0];
  return noteIn(value['body']);
}
