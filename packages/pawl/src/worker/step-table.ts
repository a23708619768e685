/** The open steps of a run by path, counted by where they stand: questions about a thousand of them are answered without a look at each. */
import type { StepPath } from '../run/index.ts';
import type { OpenStep, OpenStepStatus } from './open-step.ts';

export class StepTable {
  readonly #steps = new Map<StepPath, OpenStep>();
  readonly #counts: Record<OpenStepStatus, number> = {
    blocked: 0,
    queued: 0,
    running: 0,
    delayed: 0,
    away: 0,
    held: 0,
  };

  get size(): number {
    return this.#steps.size;
  }

  values(): IterableIterator<OpenStep> {
    return this.#steps.values();
  }

  get(path: StepPath): OpenStep | undefined {
    return this.#steps.get(path);
  }

  /** Whether this very step is the open one of its path. */
  holds(step: OpenStep): boolean {
    return this.#steps.get(step.spec.path) === step;
  }

  count(status: OpenStepStatus): number {
    return this.#counts[status];
  }

  add(step: OpenStep): void {
    this.#steps.set(step.spec.path, step);
    this.#counts[step.status]++;
  }

  remove(step: OpenStep): void {
    if (!this.holds(step)) return;
    this.#steps.delete(step.spec.path);
    this.#counts[step.status]--;
  }

  move(step: OpenStep, status: OpenStepStatus): void {
    if (this.holds(step)) {
      this.#counts[step.status]--;
      this.#counts[status]++;
    }
    step.status = status;
  }

  /** The earliest due time among delayed steps, and deadline among those that are away. */
  get nextDueAt(): number | undefined {
    if (this.#counts.delayed + this.#counts.away === 0) return undefined;
    let next = Number.POSITIVE_INFINITY;
    for (const { status, dueAt } of this.#steps.values())
      if (status === 'delayed' || status === 'away') next = Math.min(next, dueAt);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }
}
