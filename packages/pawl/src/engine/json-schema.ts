/** Checks values against recorded JSON Schemas: for doors that do not have the schema itself. */
import { type Json, schemaCompiler } from '../std/index.ts';

/** The value where it fits (or where there is no schema, or one that cannot be read here: then the worker checks). */
export function checkJsonSchema(
  schema: unknown,
  value: unknown,
  failure: (issues: string) => Error,
): unknown {
  if (typeof schema !== 'object' || schema === null) return value;
  const compiled = schemaCompiler({ isLenient: true, findsAll: true, asksForUri: true })(schema as Json);
  const problem = compiled.ok ? compiled.schema.problemOf(value) : undefined;
  if (problem === undefined) return value;
  throw failure(problem);
}
