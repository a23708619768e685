/** Ends of attempts that were dropped with a doubtful commit: what the log turns out not to hold is recorded again. */
import type { StepPath, StepSpec, StepState } from '../run/index.ts';
import type { EndOfAttempt } from './execution.ts';
import type { RunnerSession } from './runner-session.ts';

export class Salvage {
  readonly #ends = new Map<StepPath, EndOfAttempt>();

  /** Keeps ends that may not have landed. */
  keep(events: readonly EndOfAttempt[]): void {
    for (const event of events) if (event.path !== undefined) this.#ends.set(event.path, event);
  }

  /**
   * Records the ends of steps that are open in a run that asks for nothing now: it is given back, and whoever takes it next
   * would fire them again. True where there were some.
   */
  record({ state, driver, outbox }: RunnerSession): boolean {
    const open = [...this.#ends].filter(
      ([path, event]) => driver.isOpen(path) && isWholeEnd(event, state.steps.get(path)),
    );
    for (const [path, event] of open) {
      this.#ends.delete(path);
      outbox.add(event, { mayDeliver: true });
    }
    return open.length > 0;
  }

  /** The dropped end of a step's attempt where the log does not hold it, with the start that the log may lack. */
  take({ path, kind, after }: StepSpec, known: StepState | undefined): EndOfAttempt | undefined {
    const event = this.#ends.get(path);
    this.#ends.delete(path);
    if (!event || hasLanded(event, known)) return undefined;
    const { start, attempt = 1, endedAt, durationMs } = event.data;
    if (start !== undefined || (known?.status === 'running' && known.attempt === attempt)) return event;
    const folded = { at: endedAt - durationMs, kind, after };
    return { ...event, data: { ...event.data, start: folded } } as EndOfAttempt;
  }
}

/** It ends its step, and nothing that it builds on is missing. */
function isWholeEnd({ type, data }: EndOfAttempt, known: StepState | undefined): boolean {
  if (type === 'step.retried') return false;
  if (known?.status === 'running') return known.attempt === (data.attempt ?? 1);
  return data.start !== undefined;
}

function hasLanded({ data: { attempt = 1 } }: EndOfAttempt, known: StepState | undefined): boolean {
  if (!known) return false;
  return known.attempt > attempt || (known.status === 'waiting' && known.attempt === attempt);
}
