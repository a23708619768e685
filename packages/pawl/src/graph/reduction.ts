/** What `with` of a `reduce` step has to be before anything runs: a strategy that exists, with the fields that it looks at. */
import { z } from 'zod';
import type { Json } from '../std/index.ts';
import type { DocumentPath, ProblemList } from './problem.ts';
import { type Question, type QuestionSetting, readQuestion } from './question.ts';
import { readFields } from './report-issues.ts';

/** `model` is part of the format, and refused until there are models. */
const STRATEGIES = ['concat', 'collect', 'merge', 'vote', 'expression'] as const;

const reductionSchema = z.object({
  items: z
    .union([z.array(z.unknown()), z.string().includes('{{')], 'must be a list, or a template that gives one')
    .optional(),
  strategy: z.enum(STRATEGIES, `must be one of ${STRATEGIES.join(', ')}`).optional(),
  separator: z.string('must be text').optional(),
  expression: z.string('must be an expression').min(1, 'must be an expression').optional(),
});

/** The strategy that a field belongs to. */
const OWNERS = { separator: 'concat', expression: 'expression' } as const;

export function readReduction(
  given: Readonly<Record<string, Json>>,
  setting: QuestionSetting,
): readonly Question[] {
  const { path, problems } = setting;
  if (given.strategy === 'model') {
    problems.add('NOT_SUPPORTED_YET', { severity: 'unsupported', path: [...path, 'strategy'] });
    return [];
  }
  const fields = readFields(given, { schema: reductionSchema, path }, problems);
  if (fields?.strategy === undefined) return [];
  for (const [field, owner] of Object.entries(OWNERS))
    if (Object.hasOwn(given, field) && fields.strategy !== owner)
      refuseField(field, owner, { path, problems });
  if (fields.strategy !== 'expression') return [];
  if (fields.expression !== undefined) return readQuestion(fields.expression, ['expression'], setting);
  problems.add('WITH_FIELD_MISSING', { path, params: { kind: 'reduce', field: 'expression' } });
  return [];
}

function refuseField(
  field: string,
  owner: string,
  { path, problems }: { readonly path: DocumentPath; readonly problems: ProblemList },
): void {
  const problem = `belongs to the strategy ${owner}; here nobody would look at it`;
  problems.add('FIELD_INVALID', { path: [...path, field], params: { problem } });
}
