/** The JSON Schema of the format, for editors: what can be said about a graph without reading it. */
import { z } from 'zod';
import { edgeSchema, stepSchema, topSchema } from './fields.ts';
import type { KindSpec } from './kind-spec.ts';
import { DEFAULT_KINDS } from './kind-table.ts';
import { WITH_SCHEMAS } from './with-schemas.ts';

/** Steps and edges are read one by one when a graph is validated; here they are part of the whole. */
const graphSchema = topSchema.extend({
  steps: z.record(z.string(), stepSchema).describe('Steps by name.'),
  edges: z
    .array(z.union([z.string().regex(/^\s*\S+\s+->\s+\S+\s*$/), edgeSchema]))
    .optional()
    .describe('What follows what: "a -> b", or objects.'),
});

type JsonObject = { readonly [key: string]: unknown };

export function graphJsonSchema(): JsonObject {
  const { properties, ...rest } = jsonSchemaOf(graphSchema) as JsonObject & { properties: JsonObject };
  const steps = properties.steps as JsonObject & { additionalProperties: JsonObject };
  const step = { ...steps.additionalProperties, ...ofKinds(steps.additionalProperties) };
  const all = { ...properties, steps: { ...steps, additionalProperties: step } };
  return { title: 'A graph of Pawl', ...rest, properties: all };
}

/** The JSON Schema of a part of the format. */
export function jsonSchemaOf(schema: z.ZodType): JsonObject {
  return z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
}

/** Kinds that are built in are offered, others may be there; each has fields of its own in `with`. */
function ofKinds({ properties }: JsonObject): JsonObject {
  const kinds: readonly KindSpec[] = DEFAULT_KINDS;
  const { kind, ...fields } = properties as { readonly kind: JsonObject };
  const names = kinds.map(({ name, does }) => ({ const: name, description: does }));
  const rules = Object.entries(WITH_SCHEMAS).map(([name, schema]) => {
    const { $schema: _of, ...given } = jsonSchemaOf(schema);
    const needed = Array.isArray(given.required) ? { required: ['with'] } : {};
    return {
      if: { properties: { kind: { const: name } }, required: ['kind'] },
      then: { properties: { with: given }, ...needed },
    };
  });
  return {
    properties: { kind: { ...kind, anyOf: [...names, { type: 'string' }] }, ...fields },
    allOf: rules,
  };
}
