/** What a verify step can be asked for: a contract of clauses, each of which looks at one thing. */
import { z } from 'zod';
import { answerSchema } from '../answer.ts';
import { commandFields } from '../command-input.ts';
import { plainTextSchema } from '../input-parts.ts';
import { MAX_CLAUSES } from './defaults.ts';
import { schemaProblem } from './value-clause.ts';

const texts = z.union([plainTextSchema.min(1), z.array(plainTextSchema.min(1)).min(1).max(1_000)]);
const pattern = plainTextSchema.min(1).refine(isPattern, 'is no regular expression');

const PROCESS = ['cwd', 'env', 'cleanEnv', 'stdin', 'status', 'contains', 'matches'];

/** What a clause can look at, with the fields that go with it. */
export const SUBJECTS = {
  command: PROCESS,
  argv: PROCESS,
  text: ['contains', 'matches'],
  value: ['schema'],
  files: ['cwd', 'contains', 'matches'],
  expression: [],
} as const satisfies Record<string, readonly string[]>;
export type Subject = keyof typeof SUBJECTS;

const clauseSchema = z
  .strictObject({
    name: plainTextSchema.min(1).optional().describe('What the finding is called.'),
    ...commandFields,
    status: z.int().min(0).max(255).optional().describe('The exit code that the command must end with: 0.'),
    text: z.unknown().optional().describe('A text; what is none is looked at as JSON.'),
    value: z.unknown().optional().describe('A value that must fit `schema`.'),
    schema: z
      .record(z.string(), z.unknown())
      .refine((schema) => Object.keys(schema).length > 0, 'must ask for something')
      .refine((schema) => schemaProblem(schema) === undefined, { error: ({ input }) => schemaProblem(input) })
      .optional()
      .describe('JSON Schema (2020-12).'),
    files: texts.optional().describe('Paths that must exist.'),
    expression: answerSchema.optional(),
    contains: texts.optional().describe('Texts that must all be in it.'),
    matches: z
      .union([pattern, z.array(pattern).min(1).max(100)])
      .optional()
      .describe('Regular expressions that it must all match.'),
  })
  .superRefine((clause, context) => {
    const problem = clauseProblem(clause);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

export const verifyInputSchema = z.strictObject({
  clauses: z
    .array(clauseSchema)
    .min(1, 'a contract that checks nothing would always pass')
    .max(MAX_CLAUSES)
    .describe('What must hold, all of it.'),
});

export type Clause = z.infer<typeof clauseSchema>;
export type VerifyInput = z.infer<typeof verifyInputSchema>;

/** What a clause looks at; the schema has seen to it that there is exactly one. */
export function subjectOf(clause: object): Subject {
  return subjectsIn(clause)[0] as Subject;
}

function subjectsIn(clause: object): readonly Subject[] {
  return (Object.keys(SUBJECTS) as Subject[]).filter((subject) => Object.hasOwn(clause, subject));
}

/** A field that nobody would look at is as wrong as one that is missing. */
function clauseProblem(clause: object): string | undefined {
  const [subject, ...others] = subjectsIn(clause);
  if (subject === undefined || others.length > 0) return `give one of ${Object.keys(SUBJECTS).join(', ')}`;
  const known: readonly string[] = ['name', subject, ...SUBJECTS[subject]];
  const idle = Object.keys(clause).find((field) => !known.includes(field));
  if (idle !== undefined) return `nobody looks at ${idle} where ${subject} is given`;
  if (subject === 'value' && !Object.hasOwn(clause, 'schema')) return 'a value needs a schema';
  const isAsked = Object.hasOwn(clause, 'contains') || Object.hasOwn(clause, 'matches');
  return subject === 'text' && !isAsked ? 'a text needs contains or matches' : undefined;
}

function isPattern(source: string): boolean {
  try {
    return RegExp(source, 'mu') instanceof RegExp;
  } catch {
    return false;
  }
}
