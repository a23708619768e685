/** JSON Schemas (2020-12) of inputs and outputs: compiled once; what cannot be checked is refused, never skipped. */
import { z } from 'zod';
import type { Json } from '../std/index.ts';

export interface ValueSchema {
  readonly source: Json;
  /** What is wrong with a value, as one line with paths; undefined where it fits. */
  problemOf(value: unknown): string | undefined;
}

export type SchemaCompilation =
  | { readonly ok: true; readonly schema: ValueSchema }
  | { readonly ok: false; readonly problem: string };

export function compileSchema(source: Json): SchemaCompilation {
  try {
    const schema = z.fromJSONSchema(source as Parameters<typeof z.fromJSONSchema>[0]);
    return { ok: true, schema: { source, problemOf: (value) => problemIn(schema, value) } };
  } catch (error) {
    return { ok: false, problem: (error as Error).message };
  }
}

function problemIn(schema: z.ZodType, value: unknown): string | undefined {
  const issues = schema.safeParse(value).error?.issues;
  return issues?.map(({ path, message }) => `${['$', ...path].join('.')}: ${message}`).join('; ');
}
