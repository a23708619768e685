/** Promises of templates: types are kept, every mistake has its path, and a brace in a text ends nothing. */
import { describe, expect, test } from 'vitest';
import { checkerFor } from './expression.ts';
import { compileTemplate, describeTemplateProblem, type TemplateProblem } from './template.ts';

const checker = checkerFor({ input: 'dyn', state: 'map', output: undefined, steps: new Set() });
const scope = { input: { n: 1, s: 'x', list: [1, null], o: { a: true } }, state: {}, steps: {}, run: {} };

function resolve(value: unknown): unknown {
  const problems: TemplateProblem[] = [];
  const template = compileTemplate(value as never, checker, (problem) => problems.push(problem));
  expect(problems).toEqual([]);
  return template.resolve(scope);
}

function problemsOf(value: unknown): string[] {
  const problems: TemplateProblem[] = [];
  compileTemplate(value as never, checker, (problem) => problems.push(problem));
  return problems.map((problem) => describeTemplateProblem('with', problem));
}

describe('a template', () => {
  test.each<[unknown, unknown]>([
    ['{{ input.n }}', 1],
    ['{{ input.list }}', [1, null]],
    ['n is {{ input.n }}', 'n is 1'],
    ['{{ input.n }}{{ input.s }}', '1x'],
    ['{{ input.o }} and {{ input.list }} and {{ null }}', '{"a":true} and [1,null] and null'],
    ['{{ {"a": {"b": "}}"}} }}', { a: { b: '}}' } }],
    ["{{ '{{' }} stays", '{{ stays'],
    ['{{ "a\\"}}" }}', 'a"}}'],
    ['no braces', 'no braces'],
    [7, 7],
    [null, null],
    [
      [1, '{{ input.n }}', [2]],
      [1, 1, [2]],
    ],
    [
      { a: '{{ input.s }}', b: { c: 1 }, d: ['x'] },
      { a: 'x', b: { c: 1 }, d: ['x'] },
    ],
    [{ a: { b: [1] } }, { a: { b: [1] } }],
  ])('%j gives %j', (value, expected) => {
    expect(resolve(value)).toEqual({ ok: true, value: expected });
  });

  test('reports each of its mistakes with the path', () => {
    expect(problemsOf({ a: ['{{ input. }}'], b: '{{ output }} {{ input.n', 'c d': '{{ 1 + }}' })).toEqual([
      'with.a[0]: {{ input. }}: Expected IDENTIFIER, got EOF',
      'with.b: {{ output }}: Unknown variable: output',
      'with.b: {{ input.n }}: a "{{" without its "}}"',
      'with["c d"]: {{ 1 + }}: Unexpected token: EOF',
    ]);
  });

  test.each([[{ a: [1, '{{ input.x }}'] }], [{ b: 1, a: [0, 'and {{ input.x }}'] }]])(
    'that fails when it is resolved says where: %j',
    (value) => {
      expect(resolve(value)).toMatchObject({
        ok: false,
        problem: { path: ['a', 1], source: 'input.x', problem: 'No such key: x' },
      });
    },
  );
});
