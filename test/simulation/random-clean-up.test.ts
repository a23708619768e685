/** Promises of the clean up of graphs, on random ones that are stopped at any moment, against a second interpreter. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../packages/pawl/src/step/index.ts';
import { DrivenGraph, type Heard, nameOf, type Outcomes } from './support/driven-graph.ts';
import { type CleanedGraph, cleanedGraphs, outcomes, orders } from './support/random-graph.ts';
import { type RefEnding, ReferenceCleanUp } from './support/reference-clean-up.ts';

/** Graphs of each property. */
const RUNS = 250;

const LATE: Failure = { class: 'timeout', code: 'RUN_DEADLINE', message: 'too late' };

/** When a run is stopped, counted in what its driver has heard, and how. */
interface Stop {
  readonly at: number;
  readonly how: 'cancel' | 'deadline';
}

/** What becomes of the calls of finalizers, one after the other. */
type Fate = 'good' | 'bad' | 'failed' | 'given up' | 'item given up';

const stops = fc.array(
  fc.record({
    at: fc.nat({ max: 14 }),
    how: fc.constantFrom<Stop['how']>('cancel', 'deadline'),
  }),
  { maxLength: 2 },
);
const fates = fc.array(fc.constantFrom<Fate>('good', 'good', 'bad', 'failed', 'given up', 'item given up'), {
  minLength: 12,
  maxLength: 12,
});

interface Plan {
  readonly made: CleanedGraph;
  readonly outcomeOf: Outcomes;
  readonly orderOf: (count: number, time: number) => number;
  readonly stops: readonly Stop[];
  readonly fates: readonly Fate[];
}

const plans: fc.Arbitrary<Plan> = fc.record({
  made: cleanedGraphs,
  outcomeOf: outcomes,
  orderOf: orders,
  stops,
  fates,
});

/** A run, from its first step to its end, beside what it has to do once its flow is over. */
class Cleaned {
  readonly run: DrivenGraph;
  readonly #plain: DrivenGraph;
  readonly #plan: Plan;
  readonly #stops: Stop[];
  readonly seen = new Set<string>();
  reference: ReferenceCleanUp | undefined;
  #time = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#stops = plan.stops.toSorted((a, b) => a.at - b.at);
    const { graph, plain } = plan.made;
    this.run = new DrivenGraph(graph, plan.outcomeOf);
    this.#plain = new DrivenGraph(plain, plan.outcomeOf);
    for (const one of [this.run, this.#plain]) {
      one.driver.catchUp();
      one.take();
    }
  }

  /** Lets one thing happen; false where there is nothing any more. */
  step(): boolean {
    const { run } = this;
    this.#time++;
    const stop = this.#stops[0];
    const isOver = run.open.size === 0;
    if (stop && (isOver || run.heard.length >= stop.at)) {
      this.#stops.shift();
      this.#stop(stop);
    } else if (isOver) return false;
    else if (this.#isCleaning) this.#clean();
    else this.#flow();
    run.take();
    if (this.#isCleaning) this.#compare();
    return true;
  }

  /** The flow is over where the same graph without finalizers has ended, or was stopped. */
  get #isCleaning(): boolean {
    const stop = this.run.heard.findLast(({ type }) => type === 'stop');
    const { end } = this.#plain;
    if (stop?.type === 'stop') this.#begin(stop.order.failure ? 'failed' : 'cancelled');
    else if (end) this.#begin(end.type === 'Complete' ? 'completed' : 'failed');
    return this.reference !== undefined;
  }

  #begin(ending: RefEnding): void {
    this.reference ??= new ReferenceCleanUp(this.#plan.made.finalizers, ending);
  }

  #flow(): void {
    const path = this.#chosen();
    for (const one of [this.run, this.#plain]) one.finish(path);
    this.#plain.take();
  }

  #chosen(): string {
    const open = [...this.run.open].sort();
    return open[this.#plan.orderOf(open.length, this.#time)] as string;
  }

  #stop({ how }: Stop): void {
    const order = how === 'cancel' ? { reason: 'enough' } : { reason: 'too late', failure: LATE };
    const hasEnded = this.run.driver.hasEnded;
    this.seen.add(
      `${how} ${hasEnded ? 'at the end' : this.reference ? 'while it cleans up' : 'in its flow'}`,
    );
    if (hasEnded && how === 'deadline') return; // what has ended before stays as it is
    this.run.hear({ type: 'stop', order });
    this.reference?.stop(how === 'cancel' ? 'cancelled' : 'failed');
  }

  #clean(): void {
    const { run } = this;
    const reference = this.reference as ReferenceCleanUp;
    const path = this.#chosen();
    const fate = this.#plan.fates[this.#time % this.#plan.fates.length] as Fate;
    const whole = reference.current as string;
    this.seen.add(fate);
    if (fate === 'given up' || fate === 'item given up') {
      const at = fate === 'given up' ? whole : path;
      const failure: Failure = { class: 'timeout', code: 'STEP_DEADLINE', message: 'too long', path: at };
      run.hear({ type: 'giveUp', given: { path: at, reason: 'too long', failure } });
      reference.finish(fate === 'given up' ? whole : nameOf(path), false, true);
    } else {
      const kind = run.opened.get(path);
      const bad = kind === 'signal' ? 'expired' : kind === 'workflow' ? 'cancelled' : 'rejected';
      const good = kind === 'signal' ? 'received' : 'ok';
      run.finishAs(path, fate === 'good' ? good : fate === 'bad' ? bad : 'failed');
      reference.finish(nameOf(path), fate === 'good', fate === 'failed');
    }
  }

  #compare(): void {
    const reference = this.reference as ReferenceCleanUp;
    expect([...this.run.open].map(nameOf).sort()).toEqual(reference.open);
    expect(this.run.driver.limited?.path).toBe(reference.limited);
    expect(this.run.driver.hasEnded).toBe(reference.open.length === 0);
  }
}

function endOf({ end, driver }: DrivenGraph): RefEnding | undefined {
  if (end) return end.type === 'Complete' ? 'completed' : 'failed';
  return driver.hasEnded ? 'cancelled' : undefined;
}

/** What the driver of a log has open, whatever it asks for once more. */
function openOf({ driver }: DrivenGraph): readonly string[] {
  return driver.openCalls.map(({ path }) => path).sort();
}

function hear(run: DrivenGraph, heard: readonly Heard[], isLive: boolean): void {
  for (const one of heard) {
    run.hear(one);
    if (isLive) run.driver.takeCommands();
  }
}

describe('a random graph that cleans up', () => {
  test('does it as the rules say, whatever its finalizers do, and whenever it is stopped', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(plans, (plan) => {
        const cleaned = new Cleaned(plan);
        while (cleaned.step());
        const { reference, run } = cleaned;
        expect(endOf(run)).toBe(reference?.ending);
        if (run.end?.type === 'Fail')
          expect(run.end.failure.code === 'FINALIZE_FAILED').toBe(reference?.isSpoiled);
        seen.add(`ends ${endOf(run)}`);
        for (const one of cleaned.seen) seen.add(one);
      }),
      { numRuns: RUNS },
    );
    expect([...seen].sort()).toEqual([
      'bad',
      'cancel at the end',
      'cancel in its flow',
      'cancel while it cleans up',
      'deadline at the end',
      'deadline in its flow',
      'deadline while it cleans up',
      'ends cancelled',
      'ends completed',
      'ends failed',
      'failed',
      'given up',
      'good',
      'item given up',
    ]);
  });

  test('goes on from any point of its log, with its stops where they were', () => {
    fc.assert(
      fc.property(plans, fc.nat({ max: 100 }), (plan, share) => {
        const cleaned = new Cleaned(plan);
        while (cleaned.step());
        const live = cleaned.run;
        const length = Math.floor((live.heard.length * share) / 100);
        const again = new DrivenGraph(plan.made.graph, plan.outcomeOf, live);
        hear(again, live.heard.slice(0, length), false);
        expect(again.driver.difference).toBeUndefined();
        const first = new DrivenGraph(plan.made.graph, plan.outcomeOf);
        first.driver.catchUp();
        first.driver.takeCommands();
        hear(first, live.heard.slice(0, length), true);
        expect(openOf(again)).toEqual(openOf(first));
        hear(again, live.heard.slice(length), false);
        again.driver.catchUp();
        again.take();
        expect([again.driver.missingCalls, again.driver.difference]).toEqual([[], undefined]);
        expect(again.result).toEqual(live.result);
        expect(endOf(again)).toBe(endOf(live));
      }),
      { numRuns: RUNS },
    );
  });
});
