/** Promises of what a value in the journal may be: plain JSON comes back as it was, everything else is named with its path. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPawlError } from '../errors/index.ts';
import { encodeValue } from './encode.ts';
import { canonicalJson, findValueProblem } from './json.ts';
import { decodePayload, NO_VALUE, payloadOf } from './payload.ts';

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

function circle(): unknown {
  const value: Record<string, unknown> = { a: { b: [] } };
  (value as { a: { b: unknown[] } }).a.b.push(value);
  return value;
}

class Money {
  readonly amount = 5;
}

const refused: readonly [what: string, value: unknown, path: string, problem: string][] = [
  ['undefined', undefined, '$', 'undefined cannot be recorded here'],
  ['NaN', { a: [1, Number.NaN] }, '$.a[1]', 'NaN is not a JSON number'],
  ['Infinity', [Number.POSITIVE_INFINITY], '$[0]', 'Infinity is not a JSON number'],
  ['-Infinity', Number.NEGATIVE_INFINITY, '$', '-Infinity is not a JSON number'],
  ['a BigInt', { n: 5n }, '$.n', 'a BigInt cannot be recorded; convert it to a string'],
  ['a function', { run: () => 1 }, '$.run', 'a function cannot be recorded'],
  ['a symbol', [Symbol('s')], '$[0]', 'a symbol cannot be recorded'],
  ['a symbol key', { a: { [Symbol('s')]: 1 } }, '$.a', 'the symbol key Symbol(s) cannot be recorded'],
  ['a Date', { items: [{ when: new Date(0) }] }, '$.items[0].when', 'a Date cannot be recorded; make it'],
  ['a Map', { m: new Map() }, '$.m', 'a Map cannot be recorded; make it plain data'],
  ['a Set', new Set(), '$', 'a Set cannot be recorded; make it plain data'],
  ['a RegExp', [/a/], '$[0]', 'a RegExp cannot be recorded; make it plain data'],
  ['an Error', { e: new TypeError('x') }, '$.e', 'a TypeError cannot be recorded; make it plain data'],
  ['bytes', { b: new Uint8Array(2) }, '$.b', 'a Uint8Array cannot be recorded; make it plain data'],
  ['a promise', Promise.resolve(1), '$', 'a Promise cannot be recorded; make it plain data'],
  ['a class instance', { cost: new Money() }, '$.cost', 'a Money cannot be recorded; make it plain data'],
  [
    'an instance of a class without a name',
    new (class {
      a = 1;
    })(),
    '$',
    'a class instance cannot be recorded',
  ],
  [
    'an object of a prototype without a constructor',
    Object.create(Object.create(null) as object),
    '$',
    'a class instance cannot be recorded; make it plain data',
  ],
  ['an object with toJSON', { a: { toJSON: () => 1 } }, '$.a', 'an object with toJSON cannot be recorded'],
  ['a list with toJSON', [Object.assign([1], { toJSON: () => 2 })], '$[0]', 'an object with toJSON'],
  ['a circle', circle(), '$.a.b[0]', 'the value contains itself'],
  ['a hole in a list', { a: Object.assign([1], { length: 2 }) }, '$.a[1]', 'the list has a hole'],
  ['a lone surrogate', { text: 'a\uD800b' }, '$.text', 'the text holds a lone surrogate'],
  ['a NUL character', ['a\u0000'], '$[0]', 'the text holds a NUL character'],
  ['a NUL character in a key', { 'a\u0000': 1 }, '$["a\\u0000"]', 'the text holds a NUL character'],
  ['a lone surrogate in a key', { '\uDC00': 1 }, '$["\\udc00"]', 'the text holds a lone surrogate'],
  ['the key __proto__', { a: JSON.parse('{"__proto__":{"b":1}}') }, '$.a.__proto__', '__proto__ is not'],
  ['a bad value under an odd key', { 'two words': { n: Number.NaN } }, '$["two words"].n', 'NaN'],
  ['a value that is too deep', nested(201), `$${'[0]'.repeat(200)}`, 'nested deeper than 200 levels'],
];

describe('the journal refuses', () => {
  test.each(refused)('%s, and names where it is', (_what, value, path, problem) => {
    expect(findValueProblem(value)).toEqual({ path, problem: expect.stringContaining(problem) });
  });

  test('what it cannot hold with the name of the value, the path and what to do', () => {
    expect(() => encodeValue({ when: new Date(0) }, 'the input of step "a"')).toThrowError(
      expect.objectContaining({
        code: 'VALUE_INVALID',
        message:
          'the input of step "a" cannot be recorded: $.when: a Date cannot be recorded; make it plain data.',
        todo: 'Make it plain JSON.',
      }),
    );
  });
});

describe('the journal holds', () => {
  test.each([
    ['null', null],
    ['false', false],
    ['zero', 0],
    ['an empty text', ''],
    ['an emoji', '👩‍🚀'],
    ['the largest number', Number.MAX_VALUE],
    ['an empty list', []],
    ['an empty object', {}],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 })],
    ['the same part twice', ((part) => [part, { part }])({ a: 1 })],
    ['a key that only looks like a prototype', { constructor: 1, hasOwnProperty: 2, toString: 3 }],
    ['200 levels', nested(200)],
  ])('%s, and gives it back', (_what, value) => {
    expect(findValueProblem(value)).toBeUndefined();
    expect(decodePayload(encodeValue(value, 'it'))).toEqual(JSON.parse(JSON.stringify(value)));
  });

  test('an object whose undefined properties are left out', () => {
    expect(encodeValue({ a: undefined, b: 1 }, 'it')).toBe('{"b":1}');
  });

  test('a list whose undefined elements become null, as JSON has it', () => {
    expect(decodePayload(encodeValue([undefined, [1, undefined]], 'it'))).toEqual([null, [1, null]]);
  });

  test('-0 as 0, as JSON does', () => {
    expect(decodePayload(encodeValue([-0], 'it'))).toEqual([0]);
  });

  test('a top-level undefined as the empty text', () => {
    expect(encodeValue(undefined, 'it')).toBe(NO_VALUE);
    expect(payloadOf(undefined)).toBe(NO_VALUE);
    expect(decodePayload(NO_VALUE)).toBeUndefined();
  });
});

const anything = fc.anything({
  maxDepth: 4,
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
});

/** The value without undefined, and with 0 for -0: what JSON is allowed to change. */
function tidied(value: unknown): unknown {
  if (Array.isArray(value)) return Array.from(value, (part: unknown) => tidied(part) ?? null);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  const known = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(known.map(([key, part]) => [key, tidied(part)]));
}

test('any value is either refused with a path or comes back as it was', () => {
  fc.assert(
    fc.property(anything, (value) => {
      const problem = findValueProblem(value);
      if (problem === undefined) expect(decodePayload(encodeValue(value, 'it'))).toEqual(tidied(value));
      else expect(problem.path).toMatch(/^\$/);
    }),
    { numRuns: 1_000 },
  );
});

test('what JSON can say is never refused, except the key __proto__ and text that no database holds', () => {
  const text = fc.string({ unit: 'binary' }).filter((one) => !one.includes('\u0000') && one !== '__proto__');
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, true, false),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      text,
      fc.array(tie('value')),
      fc.dictionary(text, tie('value')),
    ),
  }));
  fc.assert(fc.property(value, (one) => findValueProblem(one) === undefined));
});

test('a decoded value is a fresh copy that its reader may change', () => {
  const payload = payloadOf({ list: [1] });
  (decodePayload(payload) as { list: number[] }).list.push(2);
  expect(decodePayload(payload)).toEqual({ list: [1] });
});

test('a refused value is a usage error of Pawl', () => {
  fc.assert(
    fc.property(anything, (value) => {
      try {
        encodeValue(value, 'it');
      } catch (error) {
        expect(isPawlError(error) && error.code).toBe('VALUE_INVALID');
      }
    }),
  );
});

describe('canonical JSON', () => {
  test('sorts the keys of every object and leaves lists as they are', () => {
    expect(canonicalJson({ b: [{ d: 1, c: [3, 1] }], a: null })).toBe('{"a":null,"b":[{"c":[3,1],"d":1}]}');
  });

  test('says null of what has no JSON', () => {
    expect(canonicalJson(undefined)).toBe('null');
  });

  test('keeps a key that an assignment would lose', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}');
  });

  test('gives equal values the same text, whatever the order of their keys', () => {
    const records = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    fc.assert(
      fc.property(records, (record) => {
        const reversed = Object.fromEntries(Object.entries(record).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(record));
      }),
    );
  });
});
