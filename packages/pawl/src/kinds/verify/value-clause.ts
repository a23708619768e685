/** A clause on a value: the JSON Schema that it must fit. */
import { type Json, lineOf, type SchemaCompilation, schemaCompiler } from '../../std/index.ts';

/** What is wrong with a value, one line a part. */
export function valueProblems(value: unknown, schema: object): readonly string[] {
  const compiled = compile(schema);
  if (!compiled.ok) return [compiled.problem];
  return compiled.schema.misfitsOf(value).map((misfit) => lineOf([misfit]) as string);
}

/** What is wrong with a schema itself. */
export function schemaProblem(schema: unknown): string | undefined {
  const compiled = compile(schema);
  return compiled.ok ? undefined : compiled.problem;
}

/** As graphs have them, with every misfit of a value. */
function compile(schema: unknown): SchemaCompilation {
  return schemaCompiler({ findsAll: true })(schema as Json);
}
