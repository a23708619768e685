/** Promises of the declared state: what can mean nothing is refused before anything runs, and so is an input that cannot be its first state. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkSchema, jsonSchemaOf, type Schema } from '../std/index.ts';
import { graph } from './builder.ts';
import { graphFrom, parseGraph } from './graph-workflow.ts';
import { validateText, validateValue } from './validate.ts';

const steps = { a: { kind: 'join' } };

function problemsOf(top: object): string[] {
  const { problems } = validateValue({ pawl: 1, workflow: 'w', version: '1', steps, ...top });
  return problems.map(({ code, message }) => (code === 'FIELD_INVALID' ? message : `${code} ${message}`));
}

describe('a key of the state', () => {
  test.each<[string, object]>([
    ['a first value', { default: 3 }],
    ['a first value that fits', { type: 'array', items: { type: 'string' }, default: ['a'] }],
    ['a first value to compare with', { merge: 'max', type: 'integer', default: 3 }],
    ['what its rule begins with', { merge: 'append', default: [] }],
    ['what its rule begins with', { merge: 'merge', default: {} }],
    ['what its rule begins with', { merge: 'sum', default: 0 }],
    [
      'a schema that the first value of its rule does not fit',
      { merge: 'append', type: 'array', minItems: 1 },
    ],
    ['a type among others', { merge: 'sum', type: ['number', 'null'] }],
    ['null among its types', { type: ['string', 'null'], default: null }],
    ['any type', { merge: 'merge', required: ['x'] }],
    ['no schema', {}],
  ])('may have %s', (_what, declared) => {
    expect(problemsOf({ state: { k: declared } })).toEqual([]);
  });

  test.each<[object, string]>([
    [
      { merge: 'append', default: ['a'] },
      'state.k.default: means nothing with merge: append, whose first value is [].',
    ],
    [
      { merge: 'append', default: {} },
      'state.k.default: means nothing with merge: append, whose first value is [].',
    ],
    [
      { merge: 'merge', default: { a: 1 } },
      'state.k.default: means nothing with merge: merge, whose first value is {}.',
    ],
    [{ merge: 'sum', default: 3 }, 'state.k.default: means nothing with merge: sum, whose first value is 0.'],
    [
      { merge: 'sum', default: null },
      'state.k.default: means nothing with merge: sum, whose first value is 0.',
    ],
    [{ merge: 'max', default: 'x' }, 'state.k.default: must be a number, for merge: max compares numbers.'],
    [{ type: 'number', default: 'x' }, 'state.k.default: does not fit its own schema: $ must be number.'],
    [{ type: 'number', default: null }, 'state.k.default: does not fit its own schema: $ must be number.'],
    [
      { merge: 'max', maximum: 3, default: 4 },
      'state.k.default: does not fit its own schema: $ must be <= 3.',
    ],
    [
      { merge: 'append', type: 'string' },
      'state.k.type: must be array with merge: append, for the schema is of the whole value of the key.',
    ],
    [
      { merge: 'merge', type: ['array', 'null'] },
      'state.k.type: must be object with merge: merge, for the schema is of the whole value of the key.',
    ],
    [
      { merge: 'sum', type: 'string' },
      'state.k.type: must be number or integer with merge: sum, for the schema is of the whole value of the key.',
    ],
    [{ tpye: 'number' }, 'state.k: strict mode: unknown keyword: "tpye".'],
    [
      { items: { pattern: '(?<=a)' } },
      'state.k.items.pattern: the pattern "(?<=a)" cannot be used: look-around',
    ],
  ])('that says what can mean nothing is refused: %j', (declared, problem) => {
    expect(problemsOf({ state: { k: declared } })).toEqual([expect.stringContaining(problem)]);
  });

  test('is refused at its line', () => {
    const text =
      'pawl: 1\nworkflow: w\nversion: "1"\nsteps: { a: { kind: join } }\nstate:\n  k:\n    merge: sum\n    default: 2\n';
    expect(validateText(text).problems).toMatchObject([{ line: 8, path: 'state.k.default' }]);
  });

  test('may be named like a part of every object', () => {
    const named = {
      constructor: { type: 'number' },
      toString: { merge: 'append' },
      prototype: { default: 1 },
    };
    const made = graphFrom({
      pawl: 1,
      workflow: 'w',
      version: '1',
      state: named,
      steps: { constructor: { kind: 'join', save: { constructor: '1', toString: '2', prototype: '3' } } },
    });
    expect([...(made.graph.state.keys ?? [])].map(([key, { first }]) => [key, first])).toEqual([
      ['constructor', null],
      ['toString', []],
      ['prototype', 1],
    ]);
    expect(made.graph.steps[0]).toMatchObject({
      name: 'constructor',
      save: {
        keys: [
          ['constructor', { source: '1' }],
          ['toString', { source: '2' }],
          ['prototype', { source: '3' }],
        ],
      },
    });
  });
});

describe('a state that begins with the input', () => {
  test.each([
    [true],
    [{}],
    [{ type: 'object' }],
    [{ type: ['object', 'null'] }],
    [{ enum: [1, {}] }],
    [{ const: {} }],
  ])('may have an input of %j', (input) => {
    expect(problemsOf({ input, stateFrom: 'input' })).toEqual([]);
  });

  test.each([
    [false],
    [{ type: 'array' }],
    [{ type: ['string', 'null'] }],
    [{ enum: [1, []] }],
    [{ const: 'x' }],
  ])('cannot have one of %j', (input) => {
    expect(problemsOf({ input })).toEqual([]);
    expect(problemsOf({ input, stateFrom: 'input' })).toEqual([
      'stateFrom: the schema of the input takes no object, and so has no keys to begin with.',
    ]);
  });

  const text = `pawl: 1
workflow: w
version: "1"
steps: { a: { kind: join } }
stateFrom: input
state:
  n: { type: number }
  list: { type: array, items: { type: string }, merge: append }
  bag: { merge: merge }
  best: { merge: max }
  total: { merge: sum, maximum: 9 }
`;

  test.each<[unknown, string | undefined]>([
    [{}, undefined],
    [undefined, undefined],
    [null, undefined],
    [{ n: 1, list: ['a'], bag: {}, best: null, total: 9, more: 'x' }, undefined],
    [[1], '$: must be object: its keys are the first state'],
    ['x', '$: must be object: its keys are the first state'],
    [{ n: 'x' }, '$.n: must be number'],
    [{ list: ['a', 1] }, '$.list.1: must be string'],
    [{ list: 'a' }, '$.list: must be array: the state appends to it'],
    [{ bag: [] }, '$.bag: must be object: the state merges into it'],
    [{ best: 'x' }, '$.best: must be number: the state compares it'],
    [{ total: null, n: null }, '$.n: must be number; $.total: must be number: the state adds to it'],
    [{ total: 10 }, '$.total: must be <= 9'],
  ])('is asked of the input of a start: %j', (input, issues) => {
    const { inputSchema } = parseGraph(text);
    expect(checkSchema(inputSchema as Schema, input, 'w')).toEqual(
      issues === undefined ? { ok: true, value: input } : { ok: false, issues },
    );
  });

  test('is asked of the input after its own schema, with the defaults of that', () => {
    const { inputSchema } = parseGraph(
      `${text}input: { properties: { n: { default: 3 }, m: { type: string } } }\n`,
    );
    expect(checkSchema(inputSchema as Schema, {}, 'w')).toEqual({ ok: true, value: { n: 3 } });
    expect(checkSchema(inputSchema as Schema, { m: 1, n: 'x' }, 'w')).toEqual({
      ok: false,
      issues: '$.m: must be string',
    });
    expect(jsonSchemaOf(inputSchema)).toMatchObject({ properties: { n: { default: 3 } } });
    expect(jsonSchemaOf(parseGraph(text).inputSchema)).toEqual({ type: ['object', 'null'] });
  });

  test('needs no declared keys', () => {
    const { inputSchema } = graphFrom({ pawl: 1, workflow: 'w', version: '1', steps, stateFrom: 'input' });
    expect(checkSchema(inputSchema as Schema, { x: 1 }, 'w')).toEqual({ ok: true, value: { x: 1 } });
    expect(checkSchema(inputSchema as Schema, 1, 'w').ok).toBe(false);
  });

  test('is asked of what a schema of a library makes', () => {
    const made = graph({
      workflow: 'w',
      version: '1',
      input: z.object({ n: z.number() }),
      state: { n: { type: 'number', maximum: 3 } },
      stateFrom: 'input',
    })
      .step('a', { kind: 'join' })
      .build();
    expect(checkSchema(made.inputSchema as Schema, { n: 4 }, 'w')).toEqual({
      ok: false,
      issues: '$.n: must be <= 3',
    });
    expect(checkSchema(made.inputSchema as Schema, { n: 3, m: 1 }, 'w')).toEqual({
      ok: true,
      value: { n: 3 },
    });
  });
});
