/** Kills a workflow at every boundary, and compares what comes of it with a run that nobody disturbed. */
import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import type { RunView } from '../engine/index.ts';
import { pawlError } from '../errors/index.ts';
import type { GraphWorkflow } from '../graph/index.ts';
import type { NamedFunction } from '../kinds/index.ts';
import type { Workflow } from '../replay/index.ts';
import type { AnyWorkflow } from '../run/index.ts';
import { checkOptions } from '../std/index.ts';
import type { AnyKind } from '../step/index.ts';
import { playWorld, type SeenEffect, type WorldEnd, type WorldPlan } from './crash-world.ts';
import { type EffectLog, effectLog } from './effect-log.ts';
import type { Kill } from './mortal-process.ts';
import type { Actor } from './resent-acts.ts';

export interface CrashSafeOptions<Given> {
  readonly input: Given;
  /** What the steps do to the world outside: they call `effects.happen(idempotencyKey, value)` instead of the real service. */
  readonly effects?: EffectLog;
  /** Other workflows that it calls. */
  readonly workflows?: readonly AnyWorkflow[];
  readonly kinds?: readonly AnyKind[];
  /** What graphs call by name. */
  readonly functions?: Readonly<Record<string, NamedFunction>>;
  readonly secrets?: (name: string) => string | undefined;
  /** What people and other systems do; asked whenever the run waits or is parked. Each act is sent twice, and again after a crash. */
  readonly act?: (actor: Actor, run: RunView) => Promise<void> | void;
  /** One world alone, as the message of a failure names it. */
  readonly only?: Kill;
}

export interface CrashSafeReport {
  /** Boundaries of the undisturbed run: calls of the store, from opening to end. */
  readonly boundaries: number;
  /** Worlds that were played, each with one kill. */
  readonly worlds: number;
}

const KNOWN = ['input', 'effects', 'workflows', 'kinds', 'functions', 'secrets', 'act', 'only'];

/**
 * Plays the workflow once undisturbed; then once for each boundary and each side of it, where its process is killed there and
 * another one takes over. In every world the run must come to the same end, with the same effects: none missing, none that the
 * undisturbed run does not have, none outside of a step, and none by a step that was recorded when the process died. A step whose
 * end was not recorded yet may happen twice, with the same key and value. Time is simulated: a sleep of a month costs nothing.
 * @throws AssertionError that names the boundary and what differs; with `only: { call, when }` that world is played alone.
 * @example
 * const effects = effectLog();
 * const pay = workflow({ name: 'pay' }, async (ctx, input: { amount: number }) => {
 *   await ctx.step('charge', ({ idempotencyKey }) => effects.happen(idempotencyKey, input.amount));
 * });
 * await expectCrashSafe(pay, { input: { amount: 5 }, effects });
 */
export async function expectCrashSafe<Input, Output, Given = Input>(
  workflow: Workflow<Input, Output, Given> | GraphWorkflow<Input, Output, Given>,
  options: CrashSafeOptions<Given>,
): Promise<CrashSafeReport> {
  checkOptions(options, { where: 'expectCrashSafe', known: KNOWN });
  const { input, effects = effectLog(), workflows = [], kinds = [], functions = {}, only } = options;
  const { secrets, act } = options;
  const plan: WorldPlan = { workflow, input, workflows, kinds, functions, secrets, effects, act };
  const calm = await playWorld(plan);
  const calmProblem = problemOfCalm(calm);
  if (calmProblem !== undefined) throw failure(`undisturbed, ${calmProblem}`, calm, calm);
  const kills = only ? [only] : killsOf(calm.calls);
  for (const kill of kills) {
    const end = await playWorld(plan, kill);
    if (only && end.killedAt === undefined)
      throw pawlError('OPTION_INVALID', {
        where: 'expectCrashSafe.only',
        problem: `there is no call ${only.call}: the undisturbed run makes ${calm.calls}`,
      });
    const problem = differenceOf(calm, end);
    if (problem === undefined) continue;
    const where = `killed ${kill.when} call ${kill.call} of its store, ${end.killedAt ?? 'which it never made'}`;
    const again = `only: { call: ${kill.call}, when: '${kill.when}' }`;
    throw failure(`${where}: ${problem} (this world alone: ${again})`, end, calm);
  }
  return { boundaries: calm.calls, worlds: kills.length };
}

function killsOf(calls: number): readonly Kill[] {
  return Array.from({ length: calls }, (_, index) => index + 1).flatMap((call) => [
    { call, when: 'before' as const },
    { call, when: 'after' as const },
  ]);
}

function failure(message: string, actual: WorldEnd, expected: WorldEnd): AssertionError {
  const [shown, wanted] = [actual, expected].map(({ status, output, failure: why }) => ({
    status,
    output,
    failure: why,
  }));
  return new AssertionError({ message, actual: shown, expected: wanted, operator: 'expectCrashSafe' });
}

const ENDS = ['completed', 'failed', 'cancelled'];

/** What is wrong before anybody was killed: then there is nothing to compare with. */
function problemOfCalm({ status, failure: why, effects }: WorldEnd): string | undefined {
  if (!ENDS.includes(status))
    return `the run did not come to an end: it is ${status}${why === undefined ? '' : ` (${why})`}; what must happen belongs into \`act\``;
  const stray = effects.find(({ isInStep }) => !isInStep);
  return stray && `effect "${stray.key}" happened outside of a step`;
}

function differenceOf(calm: WorldEnd, end: WorldEnd): string | undefined {
  if (end.status !== calm.status)
    return `the run is ${end.status}, and ${calm.status} where nobody disturbs it${end.failure === undefined ? '' : ` (${end.failure})`}`;
  if (!isDeepStrictEqual(end.output, calm.output)) return 'the output is another one';
  if (end.failure !== calm.failure) return `the failure is another one: ${String(end.failure)}`;
  return differenceOfEffects(calm.effects, end.effects);
}

function differenceOfEffects(
  calm: readonly SeenEffect[],
  effects: readonly SeenEffect[],
): string | undefined {
  const wanted = new Map(calm.map(({ key, value }) => [key, value]));
  for (const { key, value, isInStep, isRepeated } of effects) {
    if (!isInStep) return `effect "${key}" happened outside of a step`;
    if (!wanted.has(key)) return `effect "${key}" does not happen where nobody disturbs it`;
    if (wanted.get(key) !== value)
      return `effect "${key}" had another value: ${value} in place of ${String(wanted.get(key))}`;
    if (isRepeated) return `effect "${key}" happened again, although its step was recorded`;
  }
  const seen = new Set(effects.map(({ key }) => key));
  const missing = calm.find(({ key }) => !seen.has(key));
  return missing && `effect "${missing.key}" never happened`;
}
