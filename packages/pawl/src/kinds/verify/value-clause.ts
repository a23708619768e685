/** A clause on a value: the JSON Schema that it must fit. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

/** What is wrong with a value, one line a part. */
export function valueProblems(value: unknown, schema: object): readonly string[] {
  const fits = compiled(schema);
  return fits(value) ? [] : (fits.errors ?? []).map(lineOf);
}

/** What is wrong with a schema itself. */
export function schemaProblem(schema: unknown): string | undefined {
  try {
    compiled(schema as object);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Strict about keywords that nobody knows, as graphs are. Formats are notes to people, as the standard has it. */
function compiled(schema: object): ValidateFunction {
  const options = {
    strictTypes: false,
    strictRequired: false,
    validateFormats: false,
    logger: false,
  } as const;
  return new Ajv2020({ ...options, allErrors: true }).compile(schema);
}

function lineOf({ instancePath, message }: ErrorObject): string {
  return `$${instancePath.replaceAll('/', '.')} ${message}`;
}
