/** Promises of JSON Schemas: what does not fit is named with its path and with what was expected, and no pattern can hang. */
import { describe, expect, test } from 'vitest';
import type { Json } from './json.ts';
import { MAX_MATCH_WORK } from './pattern.ts';
import { parserOf, schemaCompiler, type ValueSchema } from './value-schema.ts';

function schemaOf(source: Json, rules: Parameters<typeof schemaCompiler>[0] = {}): ValueSchema {
  const compiled = schemaCompiler(rules)(source);
  if (!compiled.ok) throw new Error(compiled.problem);
  return compiled.schema;
}

function refusalOf(source: Json): { readonly problem: string; readonly at: readonly (string | number)[] } {
  const compiled = schemaCompiler()(source);
  if (compiled.ok) throw new Error('it was compiled');
  return compiled;
}

describe('a JSON Schema', () => {
  test.each<[Json, Json, string | undefined]>([
    [true, 1, undefined],
    [false, 1, '$ boolean schema is false'],
    [{ type: 'integer' }, 1, undefined],
    [{ type: 'integer' }, 1.5, '$ must be integer'],
    [{ items: { type: 'string' } }, ['a', 1], '$.1 must be string'],
    [{ properties: { 'a/b~c': { type: 'string' } } }, { 'a/b~c': 1 }, '$.a/b~c must be string'],
    [{ enum: ['a', 2] }, 'b', '$ must be equal to one of the allowed values: "a", 2'],
    [{ const: { a: 1 } }, 'b', '$ must be equal to constant: {"a":1}'],
    [{ const: 'x'.repeat(200) }, 'b', `$ must be equal to constant: "${'x'.repeat(99)}…`],
    [{ additionalProperties: false }, { x: 1 }, '$ must NOT have additional properties: "x"'],
    [{ unevaluatedProperties: false }, { x: 1 }, '$ must NOT have unevaluated properties: "x"'],
    [{ uniqueItems: true }, [1, '1', { a: 1, b: 2 }, { a: 1 }, [1], null], undefined],
    [
      { uniqueItems: true },
      [{ a: 1, b: [2] }, 3, { b: [2], a: 1 }],
      '$ must NOT have duplicate items: {"b":[2],"a":1} at 2',
    ],
    [{ items: { uniqueItems: true } }, [[1], [1, 1]], '$.1 must NOT have duplicate items: 1 at 1'],
    [{ uniqueItems: false }, [1, 1], undefined],
    [{ required: ['n'] }, {}, "$ must have required property 'n'"],
    [{ format: 'email' }, 'no address: formats are notes', undefined],
  ])('%j on %j: %s', (source, value, problem) => {
    expect(schemaOf(source).problemOf(value)).toBe(problem);
  });

  test.each<[Json, string]>([
    [{ type: 'nmuber' }, 'schema is invalid: data/type must be'],
    [{ tpye: 'number' }, 'unknown keyword: "tpye"'],
    [{ $ref: '#/$defs/none' }, "can't resolve reference #/$defs/none"],
    [{ $schema: 'http://json-schema.org/draft-07/schema#' }, 'no schema with key or ref'],
  ])('that nobody can hold to is refused: %j', (source, problem) => {
    const refused = refusalOf(source);
    expect(refused.problem).toContain(problem);
    expect(refused.at).toEqual([]);
  });

  test('gives every misfit where that is asked for', () => {
    const source = { items: { type: 'string' } };
    expect(schemaOf(source).misfitsOf([1, 2])).toHaveLength(1);
    expect(schemaOf(source, { findsAll: true }).problemOf([1, 2])).toBe(
      '$.0 must be string; $.1 must be string',
    );
  });

  test('asks for a URI where that is asked for, and for no other format', () => {
    const source = { properties: { a: { format: 'uri' }, b: { format: 'email' } } };
    const schema = schemaOf(source, { isLenient: true, asksForUri: true });
    expect(schema.problemOf({ a: 'https://x.test/a', b: 'no address' })).toBeUndefined();
    expect(schema.problemOf({ a: 'no address' })).toBe('$.a must match format "uri"');
    expect(schemaOf(source).problemOf({ a: 'no address' })).toBeUndefined();
  });

  test('may hold keywords of others where that is asked for', () => {
    expect(schemaOf({ 'x-order': 1, type: 'string' }, { isLenient: true }).problemOf('a')).toBeUndefined();
  });

  test('finds that a hundred thousand items are not the same without comparing each with each', () => {
    const list = Array.from({ length: 100_000 }, (_, n) => ({ n }));
    expect(schemaOf({ uniqueItems: true }).problemOf(list)).toBeUndefined();
  });

  test('is compiled once, however it is written', () => {
    const compile = schemaCompiler();
    expect(compile({ type: 'number', minimum: 1 })).toBe(compile({ minimum: 1, type: 'number' }));
    expect(compile({ $id: 'https://x.test/a', type: 'number' }).ok).toBe(true);
    expect(compile({ $id: 'https://x.test/a', type: 'string' }).ok).toBe(true);
  });

  test('that asks for itself again and again fits nothing', () => {
    expect(schemaOf({ $ref: '#' }).problemOf(1)).toBe(
      '$ cannot be checked: Maximum call stack size exceeded',
    );
  });

  test('may refer to its own parts', () => {
    const source = {
      $defs: { tree: { items: { $ref: '#/$defs/tree' }, type: 'array' } },
      $ref: '#/$defs/tree',
    };
    expect(schemaOf(source).problemOf([[[]], []])).toBeUndefined();
    expect(schemaOf(source).problemOf([[[1]], []])).toBe('$.0.0.0 must be array');
    expect(schemaOf({ type: 'array', items: { $ref: '#' } }).problemOf([[1]])).toBe('$.0.0 must be array');
  });
});

describe('a pattern in a JSON Schema', () => {
  const HANGING = '(a+)+$';
  const long = `${'a'.repeat(100_000)}!`;

  test.each<[Json, Json, boolean]>([
    [{ pattern: HANGING }, long, false],
    [{ pattern: HANGING }, 'aaa', true],
    [{ patternProperties: { [HANGING]: false } }, { [long]: 1 }, true],
    [{ patternProperties: { [HANGING]: false } }, { aaa: 1 }, false],
    [{ propertyNames: { pattern: HANGING } }, { [long]: 1 }, false],
    [{ patternProperties: { [HANGING]: true }, additionalProperties: false }, { [long]: 1 }, false],
    [{ patternProperties: { [HANGING]: true }, unevaluatedProperties: false }, { [long]: 1 }, false],
    [{ properties: { [long]: true }, patternProperties: { [HANGING]: true } }, { [long]: 1 }, true],
  ])('is answered, whatever the text is', (source, value, fits) => {
    expect(schemaOf(source).misfitsOf(value).length === 0).toBe(fits);
  });

  test.each<[Json, readonly (string | number)[]]>([
    [{ pattern: '(?<=a)b' }, ['pattern']],
    [
      { properties: { pattern: { pattern: 'x' }, b: { items: { pattern: '(?<=a)b' } } } },
      ['properties', 'b', 'items', 'pattern'],
    ],
    [
      { items: { patternProperties: { a: true, '(?<=a)b': true } } },
      ['items', 'patternProperties', '(?<=a)b'],
    ],
    [{ allOf: [{ type: 'string' }, { pattern: '(?<=a)b' }] }, ['allOf', 1, 'pattern']],
  ])('that cannot be matched in linear time is refused at its place: %j', (source, at) => {
    const refused = refusalOf(source);
    expect(refused.problem).toBe(
      'the pattern "(?<=a)b" cannot be used: look-around is offered only as look-ahead at its very beginning, as in ^(?=.*x)',
    );
    expect(refused.at).toEqual(at);
  });

  test('of a text that is too long for it gives a misfit, and the next text has the whole limit again', () => {
    const schema = schemaOf({ items: { pattern: 'a{1000}' } });
    const text = 'b'.repeat(MAX_MATCH_WORK / 2_000);
    expect(schema.problemOf([text])).toBe('$.0 must match pattern "a{1000}"');
    expect(schemaOf({ items: { type: 'string', pattern: 'a{0,900}' } }).problemOf([text, text, text])).toBe(
      `$ cannot be checked: matching takes more than ${MAX_MATCH_WORK} steps: the text is too long for its pattern`,
    );
    expect(schema.problemOf([text])).toBe('$.0 must match pattern "a{1000}"');
  });
});

describe('a JSON Schema as the schema of a start', () => {
  function validated(source: Json, value: unknown): unknown {
    return parserOf({ source })['~standard'].validate(value);
  }

  test('fills in defaults, into a copy', () => {
    const given = { a: 1 };
    const source = { properties: { b: { default: 2 } } };
    expect(validated(source, given)).toEqual({ value: { a: 1, b: 2 } });
    expect(given).toEqual({ a: 1 });
  });

  test('says where a value does not fit', () => {
    const source = { properties: { a: { type: 'string' } } };
    expect(validated(source, { a: 1 })).toEqual({ issues: [{ path: ['a'], message: 'must be string' }] });
  });

  test('that is none lets nothing pass', () => {
    const problem = expect.stringContaining('schema is invalid') as string;
    expect(validated({ type: 'nmuber' }, 1)).toEqual({ issues: [{ path: [], message: problem }] });
  });

  test('can be read as what it is', () => {
    const source = { type: 'string' };
    const { jsonSchema } = parserOf({ source })['~standard'] as unknown as {
      jsonSchema: { input(): unknown; output(): unknown };
    };
    expect([jsonSchema.input(), jsonSchema.output()]).toEqual([source, source]);
  });
});
