/** Promises of user schemas: any Standard Schema is checked at once, and every issue is named with its path. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkSchema, jsonSchemaOf, type Schema, schemaIdentity, requireSchema } from './schema.ts';

type Result = ReturnType<Schema['~standard']['validate']>;

function schemaThat(validate: (value: unknown) => Result, more: object = {}): Schema {
  return { '~standard': { version: 1, vendor: 'ours', validate, ...more } };
}

describe('a value', () => {
  test('that fits comes back as the schema makes it', () => {
    const schema = z.object({ n: z.coerce.number(), kind: z.string().default('plain') });
    expect(checkSchema(schema, { n: '5', other: true }, 'it')).toEqual({
      ok: true,
      value: { n: 5, kind: 'plain' },
    });
  });

  test('that does not fit has its issues in one line, each with its path', () => {
    const schema = z.object({ items: z.array(z.object({ n: z.number() })), name: z.string() });
    expect(checkSchema(schema, { items: [{ n: 'x' }] }, 'it')).toEqual({
      ok: false,
      issues: expect.stringMatching(/^\$\.items\.0\.n: .+; \$\.name: .+$/),
    });
  });

  test.each([
    ['no path', undefined, '$: no'],
    ['keys', ['a', 0], '$.a.0: no'],
    ['segments', [{ key: 'a' }, { key: 1 }], '$.a.1: no'],
    ['a symbol', [Symbol('s')], '$.Symbol(s): no'],
  ])('is told of an issue with %s', (_what, path, issues) => {
    const schema = schemaThat(() => ({ issues: [{ message: 'no', ...(path && { path }) }] }));
    expect(checkSchema(schema, 1, 'it')).toEqual({ ok: false, issues });
  });

  test('is not checked by a schema that answers with a promise', () => {
    const schema = z.string().refine(async () => true);
    expect(() => checkSchema(schema, 'x', 'signal "go"')).toThrowError(
      expect.objectContaining({
        code: 'SCHEMA_ASYNC',
        message: 'The schema of signal "go" answers with a promise.',
      }),
    );
  });

  test('is not checked by a schema that answers with something like a promise', () => {
    const thenable = { then: (resolve: (result: { value: unknown }) => void) => resolve({ value: 1 }) };
    const schema = schemaThat(() => thenable as never);
    expect(() => checkSchema(schema, 1, 'it')).toThrowError(
      expect.objectContaining({ code: 'SCHEMA_ASYNC' }),
    );
  });
});

describe('the identity of a schema', () => {
  test('is its JSON Schema where its library offers one', () => {
    const schema = z.object({ n: z.number() });
    expect(jsonSchemaOf(schema)).toMatchObject({ type: 'object', properties: { n: { type: 'number' } } });
    expect(schemaIdentity(schema)).toEqual(jsonSchemaOf(schema));
  });

  test('is its vendor where there is none', () => {
    const schema = schemaThat((value) => ({ value }));
    expect(jsonSchemaOf(schema)).toBeUndefined();
    expect(schemaIdentity(schema)).toEqual({ vendor: 'ours' });
  });

  test('is its vendor where the library cannot express it', () => {
    const schema = z.object({ run: z.custom<() => void>() }).transform((value) => value.run);
    const failing = schemaThat((value) => ({ value }), {
      jsonSchema: {
        input: () => {
          throw new Error('not expressible');
        },
      },
    });
    expect(schemaIdentity(failing)).toEqual({ vendor: 'ours' });
    expect(() => schemaIdentity(schema)).not.toThrow();
  });

  test('is null where there is no schema', () => {
    expect(schemaIdentity(undefined)).toBeNull();
    expect(jsonSchemaOf(undefined)).toBeUndefined();
  });
});

describe('what is taken for a schema', () => {
  const validate = (): { value: number } => ({ value: 1 });

  test.each([
    undefined,
    z.number(),
    { '~standard': { validate } },
    Object.assign(() => 1, { '~standard': { validate } }),
  ])('passes where it is one, or left out', (schema) => {
    expect(() => requireSchema(schema, 'w.input')).not.toThrow();
  });

  test.each([
    null,
    5,
    {},
    () => 1,
    { type: 'object' },
    { '~standard': null },
    { '~standard': {} },
    { '~standard': { validate: 1 } },
  ])('is refused where it is something else: %j', (schema) => {
    expect(() => requireSchema(schema, 'w.input')).toThrow(/w\.input: it must be a Standard Schema/);
  });
});

describe('a schema that throws', () => {
  const json = z.string().transform((text) => JSON.parse(text) as unknown);

  test('has something against the value, and leaves no rejection behind', async () => {
    const check = checkSchema(json, '{bad', 'w');
    expect(check).toMatchObject({ ok: false, issues: expect.stringMatching(/^\$: .*JSON/) as string });
    await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would fail this test file
    expect(checkSchema(json, '[1]', 'w')).toEqual({ ok: true, value: [1] });
  });

  test('straight out of its own function is no different, whatever it throws', () => {
    const hostile = schemaThat(() => {
      throw new TypeError('no');
    });
    expect(checkSchema(hostile, 1, 'w')).toEqual({ ok: false, issues: '$: no' });
  });

  test('that is asynchronous is refused, also where it rejects', async () => {
    const slow = z.string().refine(async () => await Promise.resolve(true));
    expect(() => checkSchema(slow, 'a', 'w')).toThrow(expect.objectContaining({ code: 'SCHEMA_ASYNC' }));
    const calm = { ...schemaThat(() => Promise.resolve({ value: 1 })), safeParse: () => ({ success: true }) };
    expect(() => checkSchema(calm, 'a', 'w')).toThrow(expect.objectContaining({ code: 'SCHEMA_ASYNC' }));
    const bare = schemaThat(() => Promise.reject(new Error('never seen')));
    expect(() => checkSchema(bare, 'a', 'w')).toThrow(expect.objectContaining({ code: 'SCHEMA_ASYNC' }));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
