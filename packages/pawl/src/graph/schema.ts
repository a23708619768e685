/** JSON Schemas in a document: compiled once, and what is wrong with one is a problem at its place. */
import type { Json, SchemaCompiler, ValueSchema } from '../std/index.ts';
import type { DocumentPath, ProblemList } from './problem.ts';

export interface SchemaSetting {
  readonly compileSchema: SchemaCompiler;
  readonly problems: ProblemList;
}

export function readSchema(
  source: Json | undefined,
  path: DocumentPath,
  { compileSchema, problems }: SchemaSetting,
): ValueSchema | undefined {
  if (source === undefined) return undefined;
  const compiled = compileSchema(source);
  if (compiled.ok) return compiled.schema;
  problems.add('FIELD_INVALID', { path: [...path, ...compiled.at], params: { problem: compiled.problem } });
  return undefined;
}

/** Of `with`: a schema that is written out is compiled now; one that a template makes, when the step runs. */
export function checkSchema(schema: Json | undefined, path: DocumentPath, setting: SchemaSetting): void {
  if (schema === undefined || JSON.stringify(schema).includes('{{')) return;
  readSchema(schema, path, setting);
}
