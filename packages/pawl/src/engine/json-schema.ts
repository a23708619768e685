/** Checks values against recorded JSON Schemas: for doors that do not have the schema itself. */
import { z } from 'zod';

/** The value where it fits (or where there is no schema, or one that cannot be read here: then the worker checks). */
export function checkJsonSchema(
  schema: unknown,
  value: unknown,
  failure: (issues: string) => Error,
): unknown {
  const parser = parserOf(schema);
  if (!parser) return value;
  const checked = parser.safeParse(value);
  if (checked.success) return value;
  throw failure(
    checked.error.issues
      .map((issue) => `$${issue.path.map((part) => `.${String(part)}`).join('')}: ${issue.message}`)
      .join('; '),
  );
}

function parserOf(schema: unknown): z.ZodType | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  try {
    return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  } catch {
    return undefined;
  }
}
