/** Samples fit the schemas that they are made of, those of zod among them. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkJsonSchema } from './json-schema.ts';
import { sampleOf } from './sample-value.ts';

const schemas: readonly (readonly [string, z.ZodType, unknown])[] = [
  ['a text', z.string(), 'TEXT'],
  ['a long text', z.string().min(6), 'TEXT..'],
  ['a short text', z.string().max(2), 'TE'],
  ['an address', z.email(), 'name@example.com'],
  ['a number', z.number(), 1],
  ['a large number', z.number().min(500), 500],
  ['a number above another', z.number().gt(500), 501],
  ['a negative number', z.number().lt(0), -1],
  ['a multiple', z.number().multipleOf(12), 12],
  ['a whole number', z.int(), 1],
  ['a flag', z.boolean(), true],
  ['nothing', z.null(), null],
  ['one of several', z.enum(['blue', 'red']), 'blue'],
  ['one of several kinds', z.union([z.object({ a: z.number() }), z.string()]), { a: 1 }],
  ['a literal', z.literal(7), 7],
  ['something or nothing', z.string().nullable(), 'TEXT'],
  [
    'an object',
    z.object({ who: z.string(), score: z.number(), note: z.string().optional() }),
    { who: 'TEXT', score: 1 },
  ],
  ['an object of what may be left out', z.object({ note: z.string().optional() }), { note: 'TEXT' }],
  ['a list', z.array(z.object({ n: z.int().positive() })).min(2), [{ n: 1 }, { n: 1 }]],
  ['a value with a default', z.object({ n: z.number().default(3) }), { n: 3 }],
];

describe('a sample of what a question asks for', () => {
  test.each(schemas)('is small and fits: %s', (_what, schema, sample) => {
    const asked = z.toJSONSchema(schema, { io: 'input' });
    expect(sampleOf(asked)).toEqual(sample);
    expect(checkJsonSchema(asked, sample, (issues) => new Error(issues))).toEqual(sample);
  });

  test.each([
    ['no schema', undefined, 'TEXT'],
    ['anything', {}, 'TEXT'],
    ['true', true, 'TEXT'],
    ['a type or null', { type: ['null', 'integer'] }, 1],
    ['fields without a type', { properties: { a: { type: 'number' } } }, { a: 1 }],
    ['items without a type', { items: { type: 'number' } }, [1]],
    ['examples', { type: 'object', examples: [{ a: 5 }] }, { a: 5 }],
    ['parts', { allOf: [{ type: 'number' }] }, 1],
    ['no schema at all', { properties: 7, required: 'x', type: 'object' }, {}],
  ])('is something for every schema: %s', (_what, schema, sample) => {
    expect(sampleOf(schema)).toEqual(sample);
  });

  test('of a schema that holds itself ends', () => {
    const schema: Record<string, unknown> = { type: 'object', required: ['next'] };
    schema['properties'] = { next: schema };
    expect(JSON.stringify(sampleOf(schema)).length).toBeLessThan(200);
  });
});
