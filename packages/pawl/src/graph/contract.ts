/** The contract of a `verify` step before anything runs: every clause is one that is enforced, and there is at least one. */
import { z } from 'zod';
import type { Json } from '../std/index.ts';
import { isRecord } from './expression-types.ts';
import type { DocumentPath, ProblemList } from './problem.ts';
import { type Question, type QuestionSetting, readQuestion } from './question.ts';
import { readFields } from './report-issues.ts';
import { checkSchema, type SchemaSetting } from './schema.ts';

const template = z.string().includes('{{');
const text = z.string('must be text').min(1, 'must not be empty');
/** Whatever is no text may come from a template. */
const texts = z.union([text, z.array(text).min(1)], 'must be a text, or a list of texts');

const CWD = 'Where relative paths begin: the folder of the worker when left out.';
const named = { name: text.optional().describe('What the finding is called.') };
const asked = {
  contains: texts.optional().describe('Texts that must all be in it.'),
  matches: texts
    .optional()
    .describe('Regular expressions that it must all match; ^ and $ are ends of lines.'),
};
const run = {
  ...named,
  cwd: text.optional().describe(CWD),
  env: z
    .union([template, z.record(z.string(), z.string())])
    .optional()
    .describe('Variables for the command.'),
  cleanEnv: z.union([template, z.boolean()]).optional().describe('Nothing of the environment of the worker.'),
  stdin: z.string().optional().describe('Written to standard input.'),
  status: z
    .union([template, z.int().min(0).max(255)], 'must be an exit code')
    .optional()
    .describe('The exit code that it must end with: 0 when left out.'),
  ...asked,
};

/** The clauses by the field that says what is looked at. */
export const CLAUSES = {
  command: z.strictObject({
    command: text.describe('Run by /bin/sh -c; contains and matches speak of its standard output.'),
    ...run,
  }),
  argv: z.strictObject({
    argv: z
      .union([template, z.array(z.string()).min(1)], 'must be a list of texts')
      .describe('Program and arguments, run without a shell.'),
    ...run,
  }),
  text: z.strictObject({ text: z.string('must be text').describe('A text.'), ...named, ...asked }),
  value: z.strictObject({
    value: z.unknown().describe('Any value.'),
    schema: z
      .union([template, z.record(z.string(), z.unknown())], 'must be a JSON Schema')
      .refine((schema) => Object.keys(schema).length > 0, 'must ask for something')
      .describe('JSON Schema (2020-12) that it must fit; needed.'),
    ...named,
  }),
  files: z.strictObject({
    files: texts.describe('Paths that must exist; with contains or matches, of texts.'),
    cwd: text.optional().describe(CWD),
    ...named,
    ...asked,
  }),
  expression: z.strictObject({
    expression: text.describe('CEL that must be true, with what is known before the step starts.'),
    ...named,
  }),
} as const;

type Subject = keyof typeof CLAUSES;
const SUBJECTS = Object.keys(CLAUSES) as Subject[];
const KNOWN = [...new Set(SUBJECTS.flatMap((subject) => Object.keys(CLAUSES[subject].shape)))];

const contractSchema = z.object({
  clauses: z
    .array(z.unknown(), 'must be a list of clauses')
    .min(1, 'must hold at least one clause: a contract that checks nothing would always pass')
    .max(1_000)
    .optional(),
});

export type ContractSetting = QuestionSetting & SchemaSetting;

export function readContract(
  given: Readonly<Record<string, Json>>,
  setting: ContractSetting,
): readonly Question[] {
  const { path, problems } = setting;
  const fields = readFields(given, { schema: contractSchema, path }, problems);
  return (fields?.clauses ?? []).flatMap((clause, index) =>
    readClause(clause as Json, ['clauses', index], setting),
  );
}

function readClause(clause: Json, at: DocumentPath, setting: ContractSetting): readonly Question[] {
  const { problems } = setting;
  const path = [...setting.path, ...at];
  if (!isRecord(clause)) {
    problems.add('FIELD_INVALID', { path, params: { problem: 'must be a clause' } });
    return [];
  }
  if (Object.hasOwn(clause, 'judge')) {
    problems.add('NOT_SUPPORTED_YET', { severity: 'unsupported', path: [...path, 'judge'] });
    return [];
  }
  const subject = subjectOf(clause, path, problems);
  const fields = subject && readFields(clause, { schema: CLAUSES[subject], path }, problems);
  if (fields === undefined) return [];
  if (subject === 'text') checkText(clause, path, problems);
  checkPatterns(clause.matches, [...path, 'matches'], problems);
  if (subject === 'value') checkSchema(clause.schema, [...path, 'schema'], setting);
  if (!('expression' in fields)) return [];
  return readQuestion(fields.expression, [...at, 'expression'], { ...setting, wanted: 'bool' });
}

/** What a clause looks at; a mistyped one is reported with the name that was meant. */
function subjectOf(
  clause: Readonly<Record<string, Json>>,
  path: DocumentPath,
  problems: ProblemList,
): Subject | undefined {
  const given = SUBJECTS.filter((subject) => Object.hasOwn(clause, subject));
  if (given.length === 1) return given[0];
  const unknown = Object.keys(clause).filter((field) => !KNOWN.includes(field));
  for (const field of given.length === 0 ? unknown : []) {
    const near = { name: field, known: KNOWN };
    problems.add('FIELD_UNKNOWN', { path: [...path, field], params: { field }, near });
  }
  if (given.length > 0 || unknown.length === 0)
    problems.add('FIELD_INVALID', { path, params: { problem: `give one of ${SUBJECTS.join(', ')}` } });
  return undefined;
}

function checkText(clause: Readonly<Record<string, Json>>, path: DocumentPath, problems: ProblemList): void {
  if (Object.hasOwn(clause, 'contains') || Object.hasOwn(clause, 'matches')) return;
  const problem = 'say what the text must hold: contains or matches';
  problems.add('FIELD_INVALID', { path, params: { problem } });
}

function checkPatterns(matches: Json | undefined, path: DocumentPath, problems: ProblemList): void {
  for (const pattern of Array.isArray(matches) ? matches : [matches ?? null]) {
    if (typeof pattern !== 'string' || pattern.includes('{{')) continue;
    const problem = patternProblem(pattern);
    if (problem !== undefined) problems.add('FIELD_INVALID', { path, params: { problem } });
  }
}

function patternProblem(pattern: string): string | undefined {
  try {
    return void RegExp(pattern, 'mu');
  } catch (error) {
    return (error as Error).message;
  }
}
