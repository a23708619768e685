/** Turns what a schema found into problems with paths: unknown fields get the nearest known name. */
import type { z } from 'zod';
import type { DocumentPath, ProblemList } from './problem.ts';

export interface FieldRules<Shape extends z.ZodObject> {
  readonly schema: Shape;
  readonly path: DocumentPath;
  /** Fields that have a meaning in the format and none in this version. */
  readonly later?: readonly string[];
}

/** The fields of a part of the document, or undefined where one of them is wrong; every problem is reported. */
export function readFields<Shape extends z.ZodObject>(
  value: Readonly<Record<string, unknown>>,
  rules: FieldRules<Shape>,
  problems: ProblemList,
): z.infer<Shape> | undefined {
  const { schema, path, later = [] } = rules;
  const known = Object.keys(schema.shape);
  const fields = { ...value };
  for (const name of Object.keys(value)) {
    if (!later.includes(name)) continue;
    problems.add('NOT_SUPPORTED_YET', { severity: 'unsupported', path: [...path, name] });
    delete fields[name];
  }
  const result = schema.safeParse(fields);
  for (const issue of result.error?.issues ?? []) {
    const at = [...path, ...issue.path.map(keyOf)];
    if (issue.code === 'unrecognized_keys') reportUnknown(issue, { at, known }, problems);
    else problems.add('FIELD_INVALID', { path: at, params: { problem: problemOf(issue, fields) } });
  }
  return result.data;
}

function keyOf(key: PropertyKey): string | number {
  return typeof key === 'number' ? key : String(key);
}

function reportUnknown(
  issue: z.core.$ZodIssueUnrecognizedKeys,
  { at, known }: { readonly at: DocumentPath; readonly known: readonly string[] },
  problems: ProblemList,
): void {
  for (const key of issue.keys)
    problems.add('FIELD_UNKNOWN', { path: [...at, key], params: { field: key }, near: { name: key, known } });
}

/** A key of a record has its own complaint inside of the record's. */
function problemOf(issue: z.core.$ZodIssue, fields: unknown): string {
  if (issue.code === 'invalid_type' && valueAt(fields, issue.path) === undefined) return 'must be given';
  const inner = issue.code === 'invalid_key' ? issue.issues : [];
  const { message } = inner[0] ?? issue;
  return message.replace(/^Invalid (?:input|option): /, '');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((part, key) => (part as Readonly<Record<PropertyKey, unknown>>)[key], value);
}
