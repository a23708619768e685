/** JSON Schemas (2020-12) of inputs and outputs: compiled once; what cannot be checked is refused, never skipped. */
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { canonicalJson, type Json, type Schema } from '../std/index.ts';

export interface ValueSchema {
  readonly source: Json;
  /** What is wrong with a value, as one line with paths; undefined where it fits. */
  problemOf(value: unknown): string | undefined;
}

export type SchemaCompilation =
  | { readonly ok: true; readonly schema: ValueSchema }
  | { readonly ok: false; readonly problem: string };

/** Compiles the schemas of one graph; equal ones are compiled once. */
export function schemaCompiler(): (source: Json) => SchemaCompilation {
  const known = new Map<string, SchemaCompilation>();
  return (source) => {
    const key = canonicalJson(source);
    const compiled = known.get(key) ?? compile(source);
    known.set(key, compiled);
    return compiled;
  };
}

function compile(source: Json): SchemaCompilation {
  // Strict about keywords that nobody knows, lenient about style. Formats are notes to people, as the standard has it.
  const ajv = new Ajv2020({
    strictTypes: false,
    strictRequired: false,
    validateFormats: false,
    logger: false,
  });
  try {
    const fits = ajv.compile(source as object | boolean);
    const problemOf = (value: unknown): string | undefined =>
      fits(value) ? undefined : (fits.errors as ErrorObject[]).map(lineOf).join('; ');
    return { ok: true, schema: { source, problemOf } };
  } catch (error) {
    return { ok: false, problem: (error as Error).message };
  }
}

/** A JSON Schema as a schema of the start of a run: it checks a copy of the value, and fills in its defaults. */
export function parserOf({ source }: ValueSchema): Schema {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, useDefaults: true, logger: false });
  let fits: ReturnType<typeof ajv.compile> | undefined;
  const validate = (given: unknown): ReturnType<Schema['~standard']['validate']> => {
    fits ??= ajv.compile(source as object | boolean);
    const value = structuredClone(given);
    if (fits(value)) return { value };
    return { issues: (fits.errors as ErrorObject[]).map(issueOf) };
  };
  const jsonSchema = { input: () => source, output: () => source };
  return { '~standard': { version: 1, vendor: 'pawl', validate, jsonSchema } as Schema['~standard'] };
}

/** Names in a path of JSON Schema are escaped (RFC 6901). */
function issueOf({ instancePath, message }: ErrorObject): {
  readonly message: string;
  readonly path: string[];
} {
  const path = instancePath.split('/').slice(1);
  const names = path.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return { message: message as string, path: names };
}

function lineOf({ instancePath, message }: ErrorObject): string {
  return `$${instancePath.replaceAll('/', '.')} ${message}`;
}
