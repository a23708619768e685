/** User schemas behind the Standard Schema interface (https://standardschema.dev), always checked synchronously. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { pawlError } from '../errors/index.ts';

/** Any schema of a library that implements Standard Schema: zod, valibot, arktype and others. */
export type Schema<Output = unknown, Input = unknown> = StandardSchemaV1<Input, Output>;

/** The type that a schema gives. */
export type SchemaOutput<S> = S extends StandardSchemaV1<unknown, infer Output> ? Output : unknown;

export type SchemaCheck<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly issues: string };

/**
 * Checks a value against a schema; the issues are one line with paths.
 * @throws `SCHEMA_ASYNC` where the schema answers with a promise: a replay cannot wait for it.
 */
export function checkSchema<Output>(
  schema: Schema<Output>,
  value: unknown,
  where: string,
): SchemaCheck<Output> {
  const result = schema['~standard'].validate(value);
  if ('then' in result) throw pawlError('SCHEMA_ASYNC', { where });
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, issues: result.issues.map(issueLine).join('; ') };
}

function issueLine(issue: StandardSchemaV1.Issue): string {
  const path = (issue.path ?? [])
    .map((part) => `.${String(typeof part === 'object' ? part.key : part)}`)
    .join('');
  return `$${path}: ${issue.message}`;
}

/** The JSON Schema of a schema where its library offers one (Standard JSON Schema), else undefined. */
export function jsonSchemaOf(schema: Schema | undefined): unknown {
  const standard = schema?.['~standard'] as
    | { jsonSchema?: { input?: (options: { target: string }) => unknown } }
    | undefined;
  try {
    return standard?.jsonSchema?.input?.({ target: 'draft-2020-12' });
  } catch {
    return undefined; // the library cannot express this schema: then only the worker can check it
  }
}

/** What the digest of a workflow says of a schema: its JSON Schema where offered, else its vendor. */
export function schemaIdentity(schema: Schema | undefined): unknown {
  if (!schema) return null;
  return jsonSchemaOf(schema) ?? { vendor: schema['~standard'].vendor };
}
