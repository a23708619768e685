/** One seed: its world, the same programs in a calm world, and whether both came to the same results. */
import { calmPlan, makeGraphPlan, makePlan } from './plan/make-plan.ts';
import type { Plan } from './plan/plan.ts';
import { makeTaskPlan } from './plan/task-plan.ts';
import type { Violation } from './rules/violation.ts';
import type { NewGround } from './world/ground.ts';
import { type Outcome, World, type WorldOptions } from './world/world.ts';

/** Runs a plan; the outcome carries the first breach of a rule, if there was one. The calm world is always one on SQLite. */
export async function runPlan(plan: Plan, options: WorldOptions = {}): Promise<Outcome> {
  const outcome = await new World(plan, options).run();
  if (outcome.violation) return outcome;
  const calm = await new World(calmPlan(plan)).run();
  const violation = calm.violation ?? difference(plan, { outcome, calm });
  return { ...outcome, violation, steps: outcome.steps + calm.steps };
}

/** Which worlds: of generated functions, of graphs, or of steps that wait for workers of their queues. */
export type Family = 'functions' | 'graphs' | 'tasks';

const PLANS: Readonly<Record<Family, (seed: number) => Plan>> = {
  functions: makePlan,
  graphs: makeGraphPlan,
  tasks: makeTaskPlan,
};

export function planOf(seed: number, family: Family = 'functions'): Plan {
  return PLANS[family](seed);
}

export interface SeedOptions {
  readonly family?: Family | undefined;
  readonly newGround?: NewGround | undefined;
}

export async function runSeed(seed: number, { family, newGround }: SeedOptions = {}): Promise<Outcome> {
  return await runPlan(planOf(seed, family), newGround && { newGround });
}

/** Every run that was not cancelled ends as it would have without the faults. */
function difference(
  plan: Plan,
  { outcome, calm }: { readonly outcome: Outcome; readonly calm: Outcome },
): Violation | undefined {
  for (const index of plan.programs.keys()) {
    const [found, expected] = [outcome.results[index], calm.results[index]];
    const mayBeCancelled = plan.acts.some((act) => act.type === 'cancel' && act.program === index);
    if (found === expected || (mayBeCancelled && found?.startsWith('cancelled'))) continue;
    return { rule: 'result', detail: `run-${index} ended as ${found}, undisturbed as ${expected}` };
  }
  return undefined;
}
