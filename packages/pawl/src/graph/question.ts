/** Questions: expressions that stand in `with` themselves, where a kind asks for one; the driver answers them in their places. */
import type { Json } from '../std/index.ts';
import type { Expression, ExpressionChecker, ExpressionScope } from './expression.ts';
import type { DocumentPath, ProblemList } from './problem.ts';

export interface Question {
  /** From the top of `with`. */
  readonly at: DocumentPath;
  readonly expression: Expression;
}

/** What a kind finds in the place of an expression: the text, and what it gave or why it gave nothing. */
export type Answer =
  | { readonly source: string; readonly value: Json }
  | { readonly source: string; readonly problem: string };

export interface QuestionSetting {
  readonly checker: ExpressionChecker;
  /** Of `with` in the document. */
  readonly path: DocumentPath;
  readonly problems: ProblemList;
}

/** Compiles the text that stands at a place of `with`; none where it is wrong, which is reported. */
export function readQuestion(
  source: string,
  at: DocumentPath,
  { checker, path, problems, wanted }: QuestionSetting & { readonly wanted?: 'bool' },
): readonly Question[] {
  const compiled = checker.compile(source, wanted);
  if (compiled.ok) return [{ at, expression: compiled.expression }];
  const { problem, position } = compiled;
  const params = { expression: source, problem, position };
  problems.add('EXPRESSION_INVALID', { path: [...path, ...at], params });
  return [];
}

/** `with` without its questions: whatever is in them, they are no templates. */
export function withoutQuestions(given: Json, questions: readonly Question[]): Json {
  return questions.reduce((value, { at }) => replacedAt(value, at, null), given);
}

/** `with` as the kind gets it: every question in it answered, with `items` of `with` as one more name. */
export function answered(given: Json, questions: readonly Question[], scope: ExpressionScope): Json {
  if (questions.length === 0) return given;
  const { items } = given as Readonly<Record<string, Json>>; // `with` is an object, whatever is inside
  return questions.reduce((value, { at, expression }) => {
    const { source } = expression;
    const evaluated = expression.evaluate({ ...scope, items });
    const answer = evaluated.ok ? { source, value: evaluated.value } : { source, problem: evaluated.problem };
    return replacedAt(value, at, answer);
  }, given);
}

/** A copy with another value at a place: what is around it may be part of the document, or of the state. */
function replacedAt(value: Json, [key, ...rest]: DocumentPath, part: Json): Json {
  if (key === undefined) return part;
  if (Array.isArray(value))
    return value.map((inner, index) => (index === key ? replacedAt(inner, rest, part) : inner));
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  return Object.fromEntries(
    entries.map(([name, inner]) => [name, name === key ? replacedAt(inner, rest, part) : inner]),
  );
}
