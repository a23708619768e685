/** Promises of the door for text: YAML and JSON mean the same, limits hold, and nothing is lost or thrown. */
import { describe, expect, test } from 'vitest';
import { documentOf, readDocument } from './document.ts';

function problems(text: string): string[] {
  return readDocument(text).problems.list.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('a document', () => {
  test('is read from YAML and JSON alike', () => {
    const value = { a: [1, { b: 'x' }], c: null };
    expect(readDocument('a: [1, { b: x }]\nc:\n').value).toEqual(value);
    expect(readDocument('{\n\t"a": [1, { "b": "x" }],\n\t"c": null\n}').value).toEqual(value);
    expect(readDocument('{ a: [1, { b: x }], c: ~ }').value).toEqual(value);
    expect(readDocument('- 1\n- x').value).toEqual([1, 'x']);
    expect(readDocument('').value).toBe(null);
  });

  test('may use anchors, also inside of what is anchored', () => {
    expect(readDocument('a: &x { b: &y [1] }\nc: *x\nd: *y\ne: &z 5\nf: *z').value).toEqual({
      a: { b: [1] },
      c: { b: [1] },
      d: [1],
      e: 5,
      f: 5,
    });
  });

  test.each([
    ['a: "x', '1:6 the document: Missing closing "quote.'],
    ['a: 1\n---\nb: 2', '2:1 the document: Source contains multiple documents: one graph a file.'],
    ['a: !x 1', '1:4 the document: Unresolved tag: !x.'],
    ['a: .inf', '1:1 a: Infinity is not a JSON number.'],
    ['a: 12345678901234567890', '1:1 a: 12345678901234567000 is too large a number; write it as text.'],
    ['a: 1\nb: 2\na: 3', '1:1 a: the key is there twice.'],
    ['{ "b": 2,\n "c": { "a": 1, "a": 3 } }', '2:9 c.a: the key is there twice.'],
    ['{ "a": 1, "__proto__": 2 }', '1:1 the document: the key __proto__ is not allowed.'],
    ['{ "a": "\\u0000" }', '1:3 a: the text holds a NUL character.'],
    ['? [1]\n: 2', '1:1 the document: a key must be text.'],
    ['~: 2', '1:1 the document: a key must be text.'],
    ['a: &x [*x]', '1:8 a[0]: "*x" stands for nothing that comes before it.'],
    ['a: *x', '1:1 a: "*x" stands for nothing that comes before it.'],
    ['x'.repeat(17 * 1024 * 1024), '1:1 the document: it is longer than 16777216 characters.'],
  ])('with a mistake of form is refused, with its place: %.30s', (text, problem) => {
    const read = readDocument(text);
    expect(read.value).toBeUndefined();
    expect(problems(text)).toContain(problem);
  });

  test('that is a bomb ends at its limit', () => {
    const names = 'abcdefghij'.split('');
    const bomb = names.map((name, index) => {
      const inner = index === 0 ? 'x' : `*${names[index - 1]}`;
      return `${name}: &${name} [${Array(10).fill(inner).join(',')}]\n`;
    });
    expect(problems(bomb.join(''))).toEqual([expect.stringContaining('it has more than 1000000 values')]);
  });

  test('that is nested without an end is refused', () => {
    expect(problems('['.repeat(100_000)).length).toBeLessThanOrEqual(20);
    const deep = `x: ${'['.repeat(150)}${']'.repeat(150)}`;
    expect(problems(deep)).toEqual([expect.stringContaining('nested deeper than 100 levels')]);
  });

  test('of a program is read under the same rules', () => {
    expect(documentOf({ a: [1], b: undefined }).value).toEqual({ a: [1] });
    const refused = documentOf({ a: new Date(0) });
    expect(refused.value).toBeUndefined();
    expect(refused.problems.list.map(({ message }) => message)).toEqual([
      'the document: $.a: a Date cannot be recorded; make it plain data.',
    ]);
  });
});

test.each(['', '{"pawl": 1, "metadata": '])(
  'a document that is nested without end is refused, however it begins: %j',
  (head) => {
    const { value, problems } = readDocument(`${head}${'['.repeat(20_000)}`);
    expect(value).toBeUndefined();
    expect(problems.list[0]?.message).toContain('it is nested too deep');
  },
);
