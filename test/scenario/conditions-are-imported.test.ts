/** Promises of conditions: what becomes of them says the same about the same data, and never fails. */
import { describe, expect, test } from 'vitest';
import { checkerFor } from '../../packages/pawl/src/graph/expression.ts';
import { areExclusive, readCondition } from '../../packages/pawl/src/import/condition.ts';
import type { DataStyle } from '../../packages/pawl/src/import/data-path.ts';

const STYLE: DataStyle = { hasBareNames: false, declared: undefined };
const BARE: DataStyle = { hasBareNames: true, declared: undefined };

const DATA = {
  n: 5,
  zero: 0,
  text: 'a "b"',
  empty: '',
  flag: true,
  off: false,
  nothing: null,
  list: ['x', { z: 1 }],
  none: [],
  map: { 'a-b': 1, in: 2, deep: { er: 'y' } },
  bare: {},
  __cost__: true,
};

/** What the condition says of the data, as an expression of a graph whose state may hold anything. */
function answer(
  text: string,
  style: DataStyle = STYLE,
  types: Parameters<typeof checkerFor>[0]['state'] = 'map',
): unknown {
  const reading = readCondition(text, style);
  if (!reading.ok) return `unreadable: ${reading.problem}`;
  const checker = checkerFor({ input: 'map', state: types, output: 'dyn', steps: new Set() });
  const compiled = checker.compile(reading.condition.cel, 'bool');
  if (!compiled.ok) return `${reading.condition.cel}: ${compiled.problem}`;
  const scope = { input: {}, state: DATA, steps: {}, run: {}, output: { priority: 'high' } };
  const evaluated = compiled.expression.evaluate(scope);
  return evaluated.ok ? evaluated.value : `${reading.condition.cel}: ${evaluated.problem}`;
}

describe('a path alone', () => {
  test.each([
    ['state.n', true],
    ['state.zero', false],
    ['state.text', true],
    ['state.empty', false],
    ['state.flag', true],
    ['state.off', false],
    ['state.nothing', false],
    ['state.list', true],
    ['state.none', false],
    ['state.map', true],
    ['state.bare', false],
    ['state.missing', false],
    ['state.missing.deeper', false],
    ['state.n.deeper', false],
    ['state.map.deep.er', true],
    ['state.list.0', true],
    ['state.list.1.z', true],
    ['state.list.7', false],
    ['state.list.7.z', false],
    ['state.map.a-b', true],
    ['state.map.in', true],
    ['state.__cost__', true],
  ])('is as true as Python has it: %s', (text, expected) => {
    expect(answer(text)).toBe(expected);
  });
});

describe('a comparison', () => {
  test.each([
    ['state.n == 5', true],
    ['state.n == 5.0', true],
    ['state.n == "5"', false],
    ['state.n != "5"', true],
    ['state.text == "a \\"b\\""', true],
    ['state.missing == null', true],
    ['state.missing != null', false],
    ['state.nothing == null', true],
    ['state.n == null', false],
    ['state.n != null', true],
    ['state.missing == 1', false],
    ['state.missing != 1', true],
    ['state.missing.a.b != "x"', true],
    ['state.flag == true', true],
    ['state.flag == True', true],
    ['state.off == false', true],
    ['state.list == ["x", {"z": 1}]', true],
    ['state.map.deep == {"er": "y"}', true],
    ['state.n == 100000000000000000000', false],
    ['state.n > 3', true],
    ['state.n >= 5', true],
    ['state.n < 5', false],
    ['state.n <= 4.5', false],
    ['3 < state.n', true],
    ['5 == state.n', true],
    ['state.text > 3', false],
    ['state.missing > 3', false],
    ['state.missing < 3', false],
    ["state.text < 'b'", true],
    ['state.n == state.zero', false],
    ['state.missing == state.nothing', true],
    ['state.n > state.zero', true],
    ['state.n > state.text', false],
    ['state.n in [1, 5]', true],
    ['state.n in [1, "5"]', false],
    ['state.n not in [1, 2,]', true],
    ['state.missing in [1]', false],
    ['"x" in state.list', true],
    ['3 in state.list', false],
    ['"in" in state.map', true],
    ["'b' in state.text", true],
    ["'b' not in state.missing", true],
    ["output.priority == 'high'", true],
    ['output.missing == "x"', false],
  ])('asks the same of data: %s', (text, expected) => {
    expect(answer(text)).toBe(expected);
  });

  test.each([
    ['state.flag and state.n > 3', true],
    ['state.flag and not state.n > 3', false],
    ['state.off or state.n == 5', true],
    ['not state.off', true],
    ['(state.off or state.flag) and state.n == 5', true],
    ['state.off && state.flag || state.n == 5', true],
    ['!state.missing', true],
  ])('may be joined with others: %s', (text, expected) => {
    expect(answer(text)).toBe(expected);
  });

  test.each([
    ["decision == 'approved'", false],
    ['n == 5', true],
    ['n', true],
    ['map.deep.er == "y"', true],
  ])('may name keys alone where the dialect does: %s', (text, expected) => {
    expect(answer(text, BARE)).toBe(expected);
    expect(answer(text)).toContain('unreadable');
  });

  test.each([
    ['state.n == "x"', false],
    ['state.n > 3', true],
    ['state.text', true],
    ['state.map.deep.er == 3', false],
    ['"x" in state.list', true],
    ['state.n in ["a"]', false],
  ])('compiles where the state is declared with other types: %s', (text, expected) => {
    const declared = new Set(['n', 'text', 'list', 'map']);
    const types = { n: 'double', text: 'string', list: 'list<string>', map: { deep: 'map' } };
    expect(answer(text, { hasBareNames: false, declared }, types)).toBe(expected);
  });
});

describe('what is no condition', () => {
  test.each([
    ['', 'ends too early'],
    ['garbage', '"garbage" is neither'],
    ['state.', '"." cannot be read'],
    ['state', '"state" is neither'],
    ['x == "y"', '"x" is neither'],
    ['state.status == done', '"done" is neither'],
    ['state.n ==', 'ends too early'],
    ['len(state.text) > 3', '"len" is neither'],
    ['state.text.upper() == "A"', '"(" is not expected'],
    ['state.n == 5 5', '"5" is not expected'],
    ['(state.n', 'ends too early'],
    ['1 == 1', 'two literals'],
    ['"x"', 'a literal alone'],
    ['state.n < true', 'has no order'],
    ['state.n in 3', 'needs a list'],
    ['3 in [3]', 'a literal on one side'],
    ['state.n in state.list', 'a literal on one side'],
    ['state.n in [state.n]', 'literals alone'],
    ['state.n in [1 2]', 'not expected'],
    ['state.n not 3', 'not expected'],
    ['state.n + 1 == 2', '"+ 1 == 2" cannot be read'],
    ['state.a == "open', 'cannot be read'],
  ])('is refused, and says why: %s', (text, problem) => {
    expect(answer(text)).toContain(problem);
  });
});

describe('conditions that exclude each other', () => {
  function exclusive(a: string, b: string): boolean {
    const [left, right] = [a, b].map((text) => readCondition(text, STYLE));
    return left?.ok === true && right?.ok === true && areExclusive(left.condition, right.condition);
  }

  test('compare one path with two literals', () => {
    expect(exclusive('state.a == 1', 'state.a == 2')).toBe(true);
    expect(exclusive('state.a == 1', 'state.a == 1')).toBe(false);
    expect(exclusive('state.a == 1', 'state.b == 2')).toBe(false);
    expect(exclusive('state.a == 1', 'state.a != 2')).toBe(false);
    expect(exclusive('state.a', 'state.a')).toBe(false);
  });
});

test('a condition that is nested without end is refused', () => {
  const text = `${'('.repeat(20_000)}state.a${')'.repeat(20_000)}`;
  expect(readCondition(text, STYLE)).toEqual({ ok: false, problem: 'it is nested too deep' });
});
