/** `steps` in expressions: what is known of each step's last visit that ended. */
import type { Graph, GraphStep } from '../graph/index.ts';
import type { Json } from '../std/index.ts';
import { formatUsd, type Failure, type Usage } from '../step/index.ts';
import { Kept } from './kept.ts';
import type { Outcome } from './outcome.ts';

export type StepView = Readonly<Record<string, Json>>;

export type Views = Readonly<Record<string, StepView>>;

const PENDING: StepView = {
  status: 'pending',
  outcome: null,
  output: null,
  failure: null,
  attempt: null,
  visit: null,
  usage: null,
};

/** A view is replaced and never changed, so that an expression may give it away. */
export class StepViews {
  readonly #kept: Kept<StepView>;

  constructor({ steps }: Graph) {
    this.#kept = new Kept(Object.fromEntries(steps.map(({ name }) => [name, PENDING])));
  }

  /** As they are until the next one ends. */
  get all(): Views {
    return this.#kept.values;
  }

  /** As they are now, until they are released. */
  keep(): Views {
    return this.#kept.keep();
  }

  release(views: Views): void {
    this.#kept.release(views);
  }

  ended(step: GraphStep, visit: number, { outcome, attempt, usage }: Ending): void {
    const { label, output, failure } = outcome;
    this.#kept.change()[step.name] = {
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
