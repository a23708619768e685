/** The branches of a condition: names with expressions, the first that is true wins. */
import { z } from 'zod';
import type { Json } from '../std/index.ts';
import type { ExpressionChecker } from './expression.ts';
import type { Choice } from './graph.ts';
import { RESERVED_LABELS } from './labels.ts';
import type { DocumentPath, ProblemList } from './problem.ts';
import { readFields } from './report-issues.ts';

const branchName = z
  .string()
  .regex(/^[^\s*]{1,64}$/u, 'must have 1 to 64 characters without white space')
  .refine((name) => !RESERVED_LABELS.has(name), 'is a word with a meaning of its own; choose another name');

const choiceSchema = z.strictObject({
  branches: z
    .array(z.strictObject({ name: branchName, when: z.string().min(1) }))
    .min(1)
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'names a branch twice'),
  default: branchName.optional(),
});

export interface ChoiceSetting {
  readonly before: ExpressionChecker;
  readonly path: DocumentPath;
  readonly problems: ProblemList;
}

export function readChoice(
  given: Readonly<Record<string, Json>>,
  setting: ChoiceSetting,
): Choice | undefined {
  const { before, path, problems } = setting;
  const fields = readFields(given, { schema: choiceSchema, path }, problems);
  if (fields === undefined) return undefined;
  const branches = fields.branches.flatMap(({ name, when }, index) => {
    const compiled = before.compile(when, 'bool');
    if (compiled.ok) return [{ name, when: compiled.expression }];
    const { problem, position } = compiled;
    const params = { expression: when, problem, position };
    problems.add('EXPRESSION_INVALID', { path: [...path, 'branches', index, 'when'], params });
    return [];
  });
  return { branches, otherwise: fields.default };
}

/** The labels of a condition. */
export function branchNames(choice: Choice | undefined): readonly string[] {
  if (choice === undefined) return [];
  const names = choice.branches.map(({ name }) => name);
  return choice.otherwise === undefined ? names : [...names, choice.otherwise];
}
