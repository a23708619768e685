/** Ends of attempts that were dropped with a doubtful commit: what the log turns out not to hold is recorded again. */
import type { StepPath, StepSpec, StepState } from '../run/index.ts';
import type { EndOfAttempt } from './execution.ts';

export class Salvage {
  readonly #ends = new Map<StepPath, EndOfAttempt>();

  /** Keeps ends that may not have landed. */
  keep(events: readonly EndOfAttempt[]): void {
    for (const event of events) if (event.path !== undefined) this.#ends.set(event.path, event);
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

function hasLanded({ data: { attempt = 1 } }: EndOfAttempt, known: StepState | undefined): boolean {
  if (!known) return false;
  return known.attempt > attempt || (known.status === 'waiting' && known.attempt === attempt);
}
