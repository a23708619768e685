/** `save` and `output`: one expression for the whole, or one for each key. */
import type { ExpressionChecker } from './expression.ts';
import type { Assignment, GraphState } from './graph.ts';
import type { DocumentPath, ProblemList } from './problem.ts';
import type { Expression } from './expression.ts';

export interface AssignmentSetting {
  readonly checker: ExpressionChecker;
  readonly path: DocumentPath;
  readonly problems: ProblemList;
  /** Where the keys must be declared ones. */
  readonly state?: GraphState;
}

export function readAssignment(
  given: string | Readonly<Record<string, string>> | undefined,
  setting: AssignmentSetting,
): Assignment | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string') {
    const expression = compileAt(given, setting.path, setting);
    return expression && { type: 'whole', expression };
  }
  const keys = Object.entries(given).flatMap(([key, source]): [string, Expression][] => {
    checkKey(key, setting);
    const expression = compileAt(source, [...setting.path, key], setting);
    return expression ? [[key, expression]] : [];
  });
  return { type: 'keys', keys };
}

function compileAt(
  source: string,
  path: DocumentPath,
  { checker, problems }: Pick<AssignmentSetting, 'checker' | 'problems'>,
): Expression | undefined {
  const compiled = checker.compile(source);
  if (compiled.ok) return compiled.expression;
  const { problem, position } = compiled;
  problems.add('EXPRESSION_INVALID', { path, params: { expression: source, problem, position } });
  return undefined;
}

function checkKey(key: string, { state, path, problems }: AssignmentSetting): void {
  if (!state?.keys || state.keys.has(key)) return;
  problems.add('STATE_KEY_UNKNOWN', {
    path: [...path, key],
    params: { key },
    near: { name: key, known: state.keys.keys() },
  });
}
