/** The JSON Schema of the format, for editors: what can be said about a graph without reading it. */
import { z } from 'zod';
import { edgeSchema, stepSchema, topSchema } from './fields.ts';

/** Steps and edges are read one by one when a graph is validated; here they are part of the whole. */
const graphSchema = topSchema.extend({
  steps: z.record(z.string(), stepSchema).describe('Steps by name.'),
  edges: z
    .array(z.union([z.string().regex(/^\s*\S+\s+->\s+\S+\s*$/), edgeSchema]))
    .optional()
    .describe('What follows what: "a -> b", or objects.'),
});

export function graphJsonSchema(): object {
  return { title: 'A graph of Pawl', ...z.toJSONSchema(graphSchema, { target: 'draft-2020-12' }) };
}
