/** Promises of expressions: checked before anything runs, plain JSON or a failure as the answer, never without an end. */
import { describe, expect, test } from 'vitest';
import { checkerFor, type Evaluation, type ExpressionScope } from './expression.ts';
import { typeOfSchema } from './expression-types.ts';

const types = {
  input: { ref: 'string', n: 'double', 'a-b': 'string', items: 'list<dyn>' },
  state: { risk: 'double', list: 'list<dyn>', bag: 'map', name: 'string', is: 'bool' },
  output: 'dyn',
  steps: new Set(['give-up', 'fix']),
};
const checker = checkerFor(types);

const scope: ExpressionScope = {
  input: { ref: 'main', n: 1, 'a-b': 'x', items: [1] },
  state: {
    risk: null,
    list: Array.from({ length: 2_000 }, (_, index) => index),
    bag: {},
    name: null,
    is: null,
  },
  steps: { fix: { status: 'completed' }, 'give-up': { status: 'pending' } },
  run: { id: 'r-1' },
  output: { code: 7, deep: { list: [1, { n: 2 }] }, long: `${'a'.repeat(100_000)}!` },
};

function valueOf(source: string, at: ExpressionScope = scope): Evaluation {
  const compiled = checker.compile(source);
  if (!compiled.ok) throw new Error(compiled.problem);
  return compiled.expression.evaluate(at);
}

function problemOf(source: string, wanted?: 'bool'): string {
  const compiled = checker.compile(source, wanted);
  return compiled.ok ? 'none' : compiled.problem;
}

describe('an expression', () => {
  test.each<[string, unknown]>([
    ['input.n + 1', 2],
    ['1 + input.n', 2],
    ['output.code - 1', 6],
    ['2 * output.code', 14],
    ['output.code / 2', 3.5],
    ['7 / 2', 3],
    ['output.code % 4', 3],
    ['output.code % output.code', 0],
    ['input.n == 1', true],
    ['1 == input.n', true],
    ['7 == output.code && 8 != output.code', true],
    ['input["a-b"] + "!"', 'x!'],
    ['size(state.list) + input.n', 2_001],
    ['state.risk == null || state.risk > 3', true],
    ['state.list == null || state.bag == null || state.name == null || state.is == null', true],
    ['has(output.nothing)', false],
    ['steps["give-up"].status + " " + steps.fix.status', 'pending completed'],
    ['output.deep', { list: [1, { n: 2 }] }],
    ['{"a": [size("xyz"), output.code]}', { a: [3, 7] }],
    ['[1, 2].map(x, x * 2).filter(x, x > 2)', [4]],
    ['truthy(state.bag) || truthy(state.list[0]) || truthy(null) || truthy("")', false],
    ['truthy(state.list) && truthy(output.deep) && truthy("x")', true],
    ['run.id', 'r-1'],
    ['null', null],
    ['input.ref.matches("^m[a-z]{3}$")', true],
    ['input.ref.matches("(?i)AI")', true],
    ['input.ref.matches("^a")', false],
    ['output.long.matches("(a+)+$")', false],
    ['["ab", "b"].exists(x, ["c", x].all(y, y.matches("[bc]"))) && !["a"].exists(x, x.matches("b"))', true],
    ['[{"t": "a"}].map(x, {"is": x.t.matches("a")})', [{ is: true }]],
    ['{}', {}],
    ['{1: "a", "b": 2}', { 1: 'a', b: 2 }],
    [
      '{"constructor": 1, "prototype": {"constructor": "x"}}',
      { constructor: 1, prototype: { constructor: 'x' } },
    ],
    ['{"constructor": 1, "n": 2}.constructor + {"prototype": 2}.prototype', 3],
    ['{"__pro" + "to__": 1}.size()', 1],
    ['{"a": {"constructor": 1}, "b": 1}.a.constructor + 1', 2],
    ['[1].map(x, {"constructor": x})', [{ constructor: 1 }]],
    ['{"toString": 1, "hasOwnProperty": 2, "valueOf": 3}', { toString: 1, hasOwnProperty: 2, valueOf: 3 }],
  ])('gives plain JSON: %s', (source, value) => {
    expect(valueOf(source)).toEqual({ ok: true, value });
  });

  test('gives a copy that shares nothing with the state', () => {
    const state = { bag: { n: 1 } };
    const evaluated = valueOf('state.bag', { ...scope, state });
    expect(evaluated.ok && evaluated.value !== state.bag).toBe(true);
  });

  test.each([
    ['state.risk > 3', 'no such overload'],
    ['output.nothing', 'No such key: nothing'],
    ['output.constructor', 'No such key: constructor'],
    ['timestamp("2026-01-01T00:00:00Z")', 'a Date cannot be recorded'],
    ['9007199254740993', 'a BigInt cannot be recorded'],
    ['[b"x"]', 'a Uint8Array cannot be recorded'],
    ['state.list.all(x, state.list.all(y, true))', 'more than 100000 items'],
    ['state.list.map(x, state.list.map(y, y))', 'more than 100000 items'],
    ['output.code.matches("7")', 'matches() is asked of what is no text'],
    [
      'state.list.exists(x, output.long.matches("(?:a?){300}[b]$"))',
      'matching takes more than 100000000 steps',
    ],
    ['{"__pro" + "to__": 1}', '$.__proto__: the key __proto__ is not allowed'],
  ])('that fails when it is evaluated says why: %s', (source, problem) => {
    expect(valueOf(source)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) });
  });

  test('counts its items anew each time', () => {
    const compiled = checker.compile('state.list.exists(x, x > 5000)');
    for (let time = 0; time < 100; time++)
      expect(compiled.ok && compiled.expression.evaluate(scope)).toEqual({ ok: true, value: false });
  });

  test('counts what it matches anew each time', () => {
    const compiled = checker.compile('output.long.matches("(?:a?){200}[b]$")');
    for (let time = 0; time < 5; time++)
      expect(compiled.ok && compiled.expression.evaluate(scope)).toEqual({ ok: true, value: false });
  });

  test('finds no output where there is none', () => {
    const { output: _output, ...before } = scope;
    expect(valueOf('output == null', before)).toEqual({ ok: true, value: true });
  });

  test.each([
    ['1 +', 'Unexpected token: EOF'],
    ['input.reff', 'No such key: reff'],
    ['input.ref > 3', 'no such overload'],
    ['nothing.x', 'Unknown variable: nothing'],
    ['steps.give-up.status', 'write steps["give-up"]'],
    ['{{ input.ref }}', 'write it without {{ }}'],
    ['steps.fixx', 'did you mean "fix"?'],
    ['steps["fix"].statu', 'did you mean "status"?'],
    ['steps[0]', 'none'],
    [
      'output.x.matches("a(?=b)")',
      'the pattern of matches() cannot be used: invalid or unsupported Perl syntax',
    ],
    ['output.x.matches("(a)\\\\1")', 'cannot be used: invalid escape sequence'],
    ['output.x.matches("a{1000}b{1000}")', 'cannot be used: its repeats come to more than 2000 states'],
    ['output.x.matches(input.ref)', 'must be written out as a text'],
    ['output.x.matches("a" + "b")', 'must be written out as a text'],
    ['output.x.matches(1)', 'matches'],
    ['{"a": {"__proto__": 1}}', 'the key __proto__ is not allowed'],
    [`"${'x'.repeat(5_000)}"`, 'longer than 4096 characters'],
    [`${'('.repeat(100)}1${')'.repeat(100)}`, 'maxDepth (40)'],
    [Array(600).fill('1').join(' + '), 'maxAstNodes (1000)'],
  ])('that cannot be is refused before anything runs: %.40s', (source, problem) => {
    expect(problemOf(source)).toContain(problem);
  });

  test('must be true or false where that is asked', () => {
    expect(problemOf('input.n', 'bool')).toBe('it gives double, not true or false');
    expect(problemOf('input.n > 1', 'bool')).toBe('none');
    expect(problemOf('output.x', 'bool')).toBe('none');
  });

  test('knows no output where there is none', () => {
    const compiled = checkerFor({ ...types, input: 'dyn', output: undefined }).compile('output');
    expect(compiled).toMatchObject({ ok: false, problem: 'Unknown variable: output' });
  });
});

describe('the type of a JSON Schema', () => {
  test.each([
    [undefined, 'dyn'],
    [true, 'dyn'],
    [{}, 'dyn'],
    [{ type: 'integer' }, 'double'],
    [{ type: ['string', 'null'] }, 'dyn'],
    [{ type: 'array' }, 'list<dyn>'],
    [{ type: 'array', items: { type: 'string' } }, 'list<string>'],
    [{ type: 'array', items: { properties: { a: { type: 'string' } } } }, 'list<map>'],
    [{ type: 'object' }, 'map'],
    [{ type: 'object', properties: {} }, {}],
    [{ properties: { a: { type: 'boolean' } } }, { a: 'bool' }],
    [{ properties: { a: {} }, additionalProperties: true }, 'map'],
    [{ properties: { a: {} }, additionalProperties: false }, { a: 'dyn' }],
  ])('%j is %j', (schema, type) => {
    expect(typeOfSchema(schema as never)).toEqual(type);
  });
});

describe('a key named constructor', () => {
  const car = { name: 'x', constructor: 'ferrari', deep: [{ constructor: { name: 'Map' } }] };
  const scope = { input: { car, constructor: 1 }, state: {}, steps: { constructor: { output: 2 } }, run: {} };
  const types = { input: 'dyn', state: 'map', output: undefined, steps: new Set(['constructor']) } as const;

  test.each([
    ['input.car.name', 'x'],
    ['input.car.constructor', 'ferrari'],
    ['input.constructor + 1', 2],
    ['steps.constructor.output', 2],
    ['input.car', car],
    ['input.car.deep[0].constructor.name', 'Map'],
  ])('is data like any other: %s', (source, value) => {
    const compiled = checkerFor(types).compile(source);
    if (!compiled.ok) throw new Error(compiled.problem);
    expect(compiled.expression.evaluate(scope)).toEqual({ ok: true, value });
  });

  test('hides no mistake', () => {
    const compiled = checkerFor(types).compile('input.car.missing.name');
    expect(compiled.ok && compiled.expression.evaluate(scope)).toMatchObject({ ok: false });
  });
});

test('a value that doubles at every step is refused before it fills the memory', () => {
  const compiled = checkerFor({ input: 'dyn', state: 'map', output: undefined, steps: new Set() }).compile(
    '[input, input]',
  );
  if (!compiled.ok) throw new Error(compiled.problem);
  const scope = { state: {}, steps: {}, run: {} };
  let input: unknown = 'x'.repeat(100_000);
  let doublings = 0;
  for (;;) {
    const evaluated = compiled.expression.evaluate({ ...scope, input });
    if (!evaluated.ok) {
      expect(evaluated.problem).toBe('it gives more than 16777216 characters');
      break;
    }
    input = evaluated.value;
    doublings++;
  }
  expect(doublings).toBe(7); // 12.8 million characters fit
});
