/** `steps` in expressions: what is known of each step's last visit that ended. */
import type { Graph, GraphStep } from '../graph/index.ts';
import type { Json } from '../std/index.ts';
import { formatUsd, type Failure, type Usage } from '../step/index.ts';
import type { Outcome } from './outcome.ts';

export type StepView = Readonly<Record<string, Json>>;

const PENDING: StepView = {
  status: 'pending',
  outcome: null,
  output: null,
  failure: null,
  attempt: null,
  visit: null,
  usage: null,
};

/** Views are replaced and never changed, so that an expression may give one away. */
export class StepViews {
  #views: Record<string, StepView>;
  #isShared = false;

  constructor({ steps }: Graph) {
    this.#views = Object.fromEntries(steps.map(({ name }) => [name, PENDING]));
  }

  get all(): Readonly<Record<string, StepView>> {
    return this.#views;
  }

  /** The views as they are now; they are copied when the next one changes. */
  snapshot(): Readonly<Record<string, StepView>> {
    this.#isShared = true;
    return this.#views;
  }

  ended(step: GraphStep, visit: number, { outcome, attempt, usage }: Ending): void {
    const { label, output, failure } = outcome;
    if (this.#isShared) this.#views = { ...this.#views };
    this.#isShared = false;
    this.#views[step.name] = {
      status: statusOf(label),
      outcome: label,
      output,
      failure: failure ? shortOf(failure) : null,
      attempt: attempt ?? null,
      visit,
      usage: usage ? usageView(usage) : null,
    };
  }
}

export interface Ending {
  readonly outcome: Outcome;
  /** Of a map: undefined, for its items have attempts of their own. */
  readonly attempt: number | undefined;
  readonly usage: Usage | undefined;
}

function statusOf(label: string): string {
  return label === 'failed' || label === 'cancelled' ? label : 'completed';
}

function shortOf({ class: failureClass, code, message }: Failure): Json {
  return { class: failureClass, code, message };
}

function usageView({ inputTokens, outputTokens, costNanoUsd }: Usage): Json {
  return { inputTokens, outputTokens, costUsd: formatUsd(costNanoUsd) };
}
