/** A visit of a map: which of its items are under way, how they ended, and what that comes to. */
import { messageOf } from '../errors/index.ts';
import { type ExpressionScope, type GraphStep, isGoodLabel, type MapPlan } from '../graph/index.ts';
import { pathOf, type StepPath } from '../run/index.ts';
import type { Json } from '../std/index.ts';
import { addUsage, type Failure, type Usage } from '../step/index.ts';
import { judgeMap, type MapVerdict } from './map-verdict.ts';
import type { Outcome } from './outcome.ts';
import type { Views } from './step-view.ts';

/** A map as its `with` has it. */
export interface MapOrder {
  readonly items: readonly Json[];
  /** Names of the items in their paths. */
  readonly keys: readonly string[];
  readonly concurrency: number;
  readonly needed: number;
}

/** State, and steps where its items read them, are kept until the map has ended. */
export interface KeptScope extends ExpressionScope {
  readonly state: Readonly<Record<string, Json>>;
  readonly steps: Views;
}

export interface MapSetup {
  readonly step: GraphStep;
  readonly plan: MapPlan;
  readonly visit: number;
  readonly path: StepPath;
  /** As of the event that made the map ready: every item sees the same. */
  readonly scope: KeptScope;
  readonly order: MapOrder;
}

export interface MapItem {
  readonly index: number;
  readonly path: StepPath;
  readonly scope: ExpressionScope;
}

/** What an item's work is called in the scope of its item. */
const WORK_NAME = 'step';

/** Items are begun in their order and end in any; its end follows from theirs, and is no event of its own. */
export class MapVisit {
  readonly setup: MapSetup;
  readonly #results: Json[];
  readonly #underWay = new Map<StepPath, number>();
  #next = 0;
  #good = 0;
  #bad = 0;
  #firstFailure: Failure | undefined;
  #usage: Usage | undefined;

  constructor(setup: MapSetup) {
    this.setup = setup;
    this.#results = setup.order.items.map(() => null);
  }

  /** Items that may begin now: as many as its concurrency leaves room for. */
  begin(): readonly MapItem[] {
    const { path, scope, order } = this.setup;
    const { items, keys, concurrency } = order;
    const begun: MapItem[] = [];
    while (this.#next < items.length && this.#underWay.size < concurrency) {
      const index = this.#next++;
      const own = pathOf(pathOf(path, keys[index] as string, 1), WORK_NAME, 1);
      this.#underWay.set(own, index);
      begun.push({ index, path: own, scope: { ...scope, item: items[index], index } });
    }
    return begun;
  }

  /** Begun, and not ended. */
  get underWay(): readonly StepPath[] {
    return [...this.#underWay.keys()];
  }

  end(path: StepPath, { label, output, failure }: Outcome, usage: Usage | undefined): MapVerdict {
    const index = this.#underWay.get(path) as number;
    this.#underWay.delete(path);
    if (usage) this.#usage = this.#usage ? addUsage(this.#usage, usage) : usage;
    if (isGoodLabel(label)) {
      this.#good++;
      this.#results[index] = output;
    } else {
      this.#bad++;
      this.#firstFailure ??= failure;
    }
    const { plan, order } = this.setup;
    const { needed, items } = order;
    return judgeMap({
      strategy: plan.strategy,
      total: items.length,
      needed,
      good: this.#good,
      bad: this.#bad,
    });
  }

  /** Of the items that have ended. */
  get usage(): Usage | undefined {
    return this.#usage;
  }

  /** What a verdict other than `wait` makes of it: results in the order of the items, null where there is no good one. */
  outcomeOf(verdict: 'reached' | 'missed'): Outcome {
    if (verdict === 'reached')
      return { label: this.#bad > 0 ? 'partial' : 'ok', output: this.#results, failure: undefined };
    const { path, order } = this.setup;
    const { needed, items } = order;
    const failure = tooFew(path, { succeeded: this.#good, total: items.length, needed }, this.#firstFailure);
    return { label: 'failed', output: null, failure };
  }
}

interface Count {
  readonly succeeded: number;
  readonly total: number;
  readonly needed: number;
}

export function tooFew(path: StepPath, { succeeded, total, needed }: Count, cause?: Failure): Failure {
  const message = messageOf('MAP_TOO_FEW', { path, succeeded, total, needed });
  return { class: 'terminal', code: 'MAP_TOO_FEW', message, path, ...(cause ? { cause } : {}) };
}
