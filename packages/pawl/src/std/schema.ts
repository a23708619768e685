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

/** The function by which a schema checks values; undefined for what is no schema. (A schema may be a function itself.) */
function validateOf(schema: unknown): unknown {
  if ((typeof schema !== 'object' && typeof schema !== 'function') || schema === null) return undefined;
  const standard = '~standard' in schema ? schema['~standard'] : undefined;
  if (typeof standard !== 'object' || standard === null || !('validate' in standard)) return undefined;
  return typeof standard.validate === 'function' ? standard.validate : undefined;
}

/** @throws `OPTION_INVALID` for what is no schema: options in its place would be taken for one, and never looked at. */
export function requireSchema(schema: unknown, where: string): void {
  if (schema === undefined) return;
  if (validateOf(schema) !== undefined) return;
  const problem = 'it must be a Standard Schema (of zod, valibot, arktype …); options come after it';
  throw pawlError('OPTION_INVALID', { where, problem });
}

/**
 * Checks a value against a schema; the issues are one line with paths.
 * @throws `SCHEMA_ASYNC` where the schema answers with a promise: a replay cannot wait for it.
 */
export function checkSchema<Output>(
  schema: Schema<Output>,
  value: unknown,
  where: string,
): SchemaCheck<Output> {
  let result: StandardSchemaV1.Result<Output> | Promise<StandardSchemaV1.Result<Output>>;
  try {
    result = schema['~standard'].validate(value);
  } catch (error) {
    return { ok: false, issues: thrownLine(error) };
  }
  if (!('then' in result)) return checked(result);
  if (result instanceof Promise) result.catch(() => undefined); // nobody waits for it, and its rejection must not end the process
  const thrown = thrownBy(schema, value);
  if (thrown !== undefined) return { ok: false, issues: thrownLine(thrown) };
  throw pawlError('SCHEMA_ASYNC', { where });
}

function checked<Output>(result: StandardSchemaV1.Result<Output>): SchemaCheck<Output> {
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, issues: result.issues.map(issueLine).join('; ') };
}

/** zod answers with a promise where a transform throws: its own `safeParse` tells such a schema from one that is asynchronous. */
function thrownBy(schema: Schema, value: unknown): unknown {
  if (!('safeParse' in schema) || typeof schema.safeParse !== 'function') return undefined;
  try {
    schema.safeParse(value);
  } catch (error) {
    return error instanceof Error && error.constructor.name.includes('Async') ? undefined : error;
  }
  return undefined;
}

/** What a schema throws is what it has against the value. */
function thrownLine(error: unknown): string {
  return `$: ${error instanceof Error ? error.message : String(error)}`;
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
