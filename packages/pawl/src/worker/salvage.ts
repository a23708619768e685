/** Ends of attempts that were dropped with a doubtful commit: what the log turns out not to hold is recorded again. */
import type { StepPath, StepSpec, StepState } from '../run/index.ts';
import type { EndOfAttempt } from './execution.ts';
import type { RunnerSession } from './runner-session.ts';

export class Salvage {
  /** Of a step in their order: its next attempt may have ended before anybody knew that the commit was doubtful. */
  readonly #ends = new Map<StepPath, EndOfAttempt[]>();

  /** Keeps ends that may not have landed. */
  keep(events: readonly EndOfAttempt[]): void {
    for (const event of events) {
      const { path } = event;
      if (path === undefined) continue;
      const others = (this.#ends.get(path) ?? []).filter((known) => attemptOf(known) !== attemptOf(event));
      this.#ends.set(path, [...others, event]);
    }
  }

  /**
   * Records the ends of steps that are open in a run that asks for nothing now: it is given back, and whoever takes it next
   * would fire them again. True where there were some.
   */
  record({ state, driver, outbox }: RunnerSession): boolean {
    let isAny = false;
    for (const [path, ends] of this.#ends) {
      const known = state.steps.get(path);
      const missing = ends.filter((event) => !hasLanded(event, known));
      if (!driver.isOpen(path) || !isWhole(missing, known)) continue;
      this.#ends.delete(path);
      for (const event of missing) outbox.add(event, { mayDeliver: event.type !== 'step.retried' });
      isAny = true;
    }
    return isAny;
  }

  /** The dropped ends of a step's attempts that the log does not hold, with the starts that it may lack, in their order. */
  take({ path, kind, after }: StepSpec, known: StepState | undefined): readonly EndOfAttempt[] {
    const ends = this.#ends.get(path) ?? [];
    this.#ends.delete(path);
    return ends
      .filter((event) => !hasLanded(event, known))
      .map((event) => {
        const { start, endedAt, durationMs } = event.data;
        if (start !== undefined || isRunning(known, event)) return event;
        const folded = { at: endedAt - durationMs, kind, after };
        return { ...event, data: { ...event.data, start: folded } } as EndOfAttempt;
      });
  }
}

export function attemptOf({ data: { attempt = 1 } }: EndOfAttempt): number {
  return attempt;
}

/** The last of them ends the step, and nothing that they build on is missing. */
function isWhole(ends: readonly EndOfAttempt[], known: StepState | undefined): boolean {
  const [first] = ends;
  if (first === undefined || ends.at(-1)?.type === 'step.retried') return false;
  const hasBegun = known?.status === 'running' ? isRunning(known, first) : isStarted(first);
  return hasBegun && ends.slice(1).every(isStarted);
}

function isStarted({ data: { start } }: EndOfAttempt): boolean {
  return start !== undefined;
}

function isRunning(known: StepState | undefined, event: EndOfAttempt): boolean {
  return known?.status === 'running' && known.attempt === attemptOf(event);
}

function hasLanded(event: EndOfAttempt, known: StepState | undefined): boolean {
  if (!known) return false;
  const attempt = attemptOf(event);
  return known.attempt > attempt || (known.status === 'waiting' && known.attempt === attempt);
}
