/** `steps` in expressions: what is known of each step's last visit that ended. */
import type { Graph, GraphStep } from '../graph/index.ts';
import type { Delivery } from '../run/index.ts';
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
  readonly #views: Record<string, StepView>;

  constructor({ steps }: Graph) {
    this.#views = Object.fromEntries(steps.map(({ name }) => [name, PENDING]));
  }

  get all(): Readonly<Record<string, StepView>> {
    return this.#views;
  }

  ended(step: GraphStep, visit: number, { outcome, delivery }: Ending): void {
    const { label, output, failure } = outcome;
    this.#views[step.name] = {
      status: statusOf(label),
      outcome: label,
      output,
      failure: failure ? shortOf(failure) : null,
      attempt: delivery.attempt ?? null,
      visit,
      usage: delivery.usage ? usageView(delivery.usage) : null,
    };
  }
}

export interface Ending {
  readonly outcome: Outcome;
  readonly delivery: Delivery;
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
