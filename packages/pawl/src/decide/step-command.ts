/** Commands: what a visit asks of the worker, with retries and limits as the graph has them. */
import { messageOf } from '../errors/index.ts';
import type { ExpressionScope, GraphStep } from '../graph/index.ts';
import { answered, describeTemplateProblem } from '../graph/index.ts';
import type { After, Command, StepPath, StepSpec } from '../run/index.ts';
import { type Json, payloadOf } from '../std/index.ts';
import { type Failure, FailureError } from '../step/index.ts';
import type { Started } from './flow.ts';
import { waitOf } from './wait-command.ts';

export interface Visit extends Started {
  readonly path: StepPath;
  readonly after: After;
  /** State and steps as of the event that made the step ready. */
  readonly scope: ExpressionScope;
}

export function commandFor(visit: Visit): Command {
  const { step } = visit;
  if (visit.unmet !== undefined) return failing(visit, unmetFailure(visit, visit.unmet));
  const resolved = inputOf(visit);
  if (!resolved.ok) return failing(visit, resolved.failure);
  if (step.kind.opens === 'child') return childCommand(visit, resolved.input);
  if (step.kind.opens === 'step') return { type: 'ScheduleStep', step: specOf(visit, resolved.input) };
  const wait = waitOf(step, resolved.input);
  if (!wait.ok) return failing(visit, failureAt(visit, 'WITH_INVALID', wait.problem));
  const { path, after } = visit;
  return { type: 'OpenWait', wait: { ...wait.opening, path, after, label: step.title } };
}

/** `with` is an object, whatever is inside. */
type Fields = { readonly [key: string]: Json };

type Input =
  | { readonly ok: true; readonly input: Fields }
  | { readonly ok: false; readonly failure: Failure };

function inputOf(visit: Visit): Input {
  const { step, scope } = visit;
  if (step.choice) return choiceOf(visit, step.choice);
  const resolved = step.with.resolve(scope);
  if (resolved.ok) return { ok: true, input: answered(resolved.value, step.questions, scope) as Fields };
  const problem = describeTemplateProblem('with', resolved.problem);
  return { ok: false, failure: failureAt(visit, 'EXPRESSION_FAILED', problem) };
}

/** The first branch that is true; its kind has only to say so. */
function choiceOf(visit: Visit, { branches, otherwise }: NonNullable<GraphStep['choice']>): Input {
  for (const [index, { name, when }] of branches.entries()) {
    const evaluated = when.evaluate(visit.scope);
    const problem = evaluated.ok ? 'it gives neither true nor false' : evaluated.problem;
    if (!evaluated.ok || typeof evaluated.value !== 'boolean') {
      const where = `with.branches[${index}].when: ${problem}`;
      return { ok: false, failure: failureAt(visit, 'EXPRESSION_FAILED', where) };
    }
    if (evaluated.value) return { ok: true, input: { branch: name } };
  }
  if (otherwise !== undefined) return { ok: true, input: { branch: otherwise } };
  return { ok: false, failure: failureAt(visit, 'NO_BRANCH', 'no branch is true and there is no default') };
}

function specOf({ step, path, after }: Visit, input: Json): StepSpec {
  return {
    path,
    kind: step.kind.name,
    after,
    label: step.title,
    input,
    retry: step.retry,
    timeoutMs: step.timeoutMs,
    deadlineMs: step.deadlineMs,
    isRepeatable: step.isRepeatable,
    isAtMostOnce: step.isAtMostOnce,
  };
}

const ONCE = {
  attempts: 1,
  initialMs: 0,
  factor: 1,
  maxMs: 0,
  jitter: 0,
  on: [],
  onExhausted: 'fail',
} as const;

/** A visit that fails by itself is recorded like any other: a step whose only attempt throws. */
function failing(visit: Visit, failure: Failure): Command {
  const fail = (): never => {
    throw new FailureError(failure);
  };
  return { type: 'ScheduleStep', step: { ...specOf(visit, {}), run: fail, retry: ONCE } };
}

export function failureAt(
  { path }: Pick<Visit, 'path'>,
  code: 'EXPRESSION_FAILED' | 'WITH_INVALID' | 'NO_BRANCH' | 'OUTPUT_MISFIT',
  problem: string,
): Failure {
  return { class: 'terminal', code, message: messageOf(code, { where: path, problem }), path };
}

function unmetFailure({ step, path }: Visit, taken: number): Failure {
  const { count } = step.join as Exclude<GraphStep['join'], 'all'>; // `all` is met by one
  const message = messageOf('JOIN_UNMET', { where: path, taken, count });
  return { class: 'terminal', code: 'JOIN_UNMET', message, path };
}

function childCommand(visit: Visit, input: { readonly [key: string]: Json }): Command {
  const { path, after, step } = visit;
  const { workflow, version } = input;
  if (typeof workflow !== 'string' || (version !== undefined && typeof version !== 'string'))
    return failing(visit, failureAt(visit, 'WITH_INVALID', 'workflow and version must be texts'));
  const child = {
    path,
    workflow,
    version,
    input: payloadOf(input.input),
    isParsed: false,
    after,
    label: step.title,
  };
  return { type: 'StartChild', child };
}
