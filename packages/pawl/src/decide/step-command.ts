/** Commands: what a visit asks of the worker, with retries and limits as the graph has them. */
import { messageOf } from '../errors/index.ts';
import {
  answered,
  describeTemplateProblem,
  type ExpressionScope,
  type GraphStep,
  type Work,
} from '../graph/index.ts';
import type { After, Command, StepPath, StepSpec } from '../run/index.ts';
import { type Json, payloadOf } from '../std/index.ts';
import { type Failure, FailureError } from '../step/index.ts';
import { waitOf } from './wait-command.ts';

export interface Visit {
  readonly work: Work;
  readonly path: StepPath;
  readonly after: After;
  /** State and steps as of the event that made the step ready. */
  readonly scope: ExpressionScope;
}

export function commandFor(visit: Visit): Command {
  const { work } = visit;
  const resolved = inputOf(visit);
  if (!resolved.ok) return failing(visit, resolved.failure);
  if (work.kind.opens === 'child') return childCommand(visit, resolved.input);
  if (work.kind.opens === 'step') return { type: 'ScheduleStep', step: specOf(visit, resolved.input) };
  const wait = waitOf(work, resolved.input);
  if (!wait.ok) return failing(visit, failureAt(visit, 'WITH_INVALID', wait.problem));
  const { path, after } = visit;
  return { type: 'OpenWait', wait: { ...wait.opening, path, after, label: work.title } };
}

/** `with` is an object, whatever is inside. */
type Fields = { readonly [key: string]: Json };

type Input =
  | { readonly ok: true; readonly input: Fields }
  | { readonly ok: false; readonly failure: Failure };

export function inputOf(visit: Visit): Input {
  const { work, scope } = visit;
  if (work.choice) return choiceOf(visit, work.choice);
  const resolved = work.with.resolve(scope);
  if (resolved.ok) return { ok: true, input: answered(resolved.value, work.questions, scope) as Fields };
  const problem = describeTemplateProblem('with', resolved.problem);
  return { ok: false, failure: failureAt(visit, 'EXPRESSION_FAILED', problem) };
}

/** The first branch that is true; its kind has only to say so. */
function choiceOf(visit: Visit, { branches, otherwise }: NonNullable<Work['choice']>): Input {
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

function specOf({ work, path, after }: Visit, input: Json): StepSpec {
  return {
    path,
    kind: work.kind.name,
    after,
    label: work.title,
    input,
    retry: work.retry,
    timeoutMs: work.timeoutMs,
    deadlineMs: work.deadlineMs,
    heartbeatMs: work.heartbeatMs,
    isRepeatable: work.isRepeatable,
    isAtMostOnce: work.isAtMostOnce,
    queue: work.queue,
    isDispatched: work.isDispatched,
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
export function failing(visit: Visit, failure: Failure): Command {
  const fail = (): never => {
    throw new FailureError(failure);
  };
  return { type: 'ScheduleStep', step: { ...specOf(visit, {}), run: fail, retry: ONCE } };
}

/** A visit with nothing to do is recorded all the same, so that a loop of such visits is as slow as any other. */
export function givingAtOnce(visit: Visit, value: Json): Command {
  return { type: 'ScheduleStep', step: { ...specOf(visit, {}), run: () => value, retry: ONCE } };
}

export function failureAt(
  { path }: Pick<Visit, 'path'>,
  code: 'EXPRESSION_FAILED' | 'WITH_INVALID' | 'NO_BRANCH' | 'OUTPUT_MISFIT' | 'STATE_MISFIT',
  problem: string,
): Failure {
  return { class: 'terminal', code, message: messageOf(code, { where: path, problem }), path };
}

/** Its join can never be met: `taken` edges were taken, and no more can come. */
export function unmetCommand(visit: Visit, join: GraphStep['join'], taken: number): Command {
  const { path } = visit;
  const { count } = join as Exclude<GraphStep['join'], 'all'>; // `all` is met by one
  const message = messageOf('JOIN_UNMET', { where: path, taken, count });
  return failing(visit, { class: 'terminal', code: 'JOIN_UNMET', message, path });
}

function childCommand(visit: Visit, input: { readonly [key: string]: Json }): Command {
  const { path, after, work } = visit;
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
    label: work.title,
  };
  return { type: 'StartChild', child };
}
