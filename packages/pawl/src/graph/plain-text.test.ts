/** Promises of the fast reader: what it reads, it reads as the library does, each part at its place; the rest it leaves alone. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Json } from '../std/index.ts';
import { readDocument, readYaml } from './document.ts';
import { readPlainText } from './plain-text.ts';
import type { DocumentPath } from './problem.ts';

function pathsOf(value: Json, path: DocumentPath = []): DocumentPath[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value)
    ? value.flatMap((part, index) => pathsOf(part, [...path, index]))
    : Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]));
  return [path, ...inner, [...path, 'missing'], [...path, 99, 'missing']];
}

/** What a reader gives: the value, and where each of its parts stands. */
function readingOf(text: string, value: Json): unknown {
  const { problems } = readYaml(text);
  const paths = pathsOf(value);
  const before = problems.count;
  for (const path of paths) problems.add('EDGE_INVALID', { path, params: { problem: '' } });
  const places = problems.list.map(({ path, line, column }) => `${path} ${line}:${column}`);
  return { value: readYaml(text).value, before, places: places.toSorted() };
}

function plainReadingOf(text: string): unknown {
  const plain = readPlainText(text);
  if (plain === undefined) return undefined;
  const { problems } = readDocument(text);
  for (const path of pathsOf(plain.value)) problems.add('EDGE_INVALID', { path, params: { problem: '' } });
  const places = problems.list.map(({ path, line, column }) => `${path} ${line}:${column}`);
  return { value: plain.value, before: 0, places: places.toSorted() };
}

/** Texts that mean something in YAML, and texts that do not; "¦" is between them. */
const WORDS =
  'a¦x y¦a -> b¦true¦12¦30s¦0x1f¦1e5¦~¦a: b¦a #b¦it\'s¦[x]¦¦ x¦x\ny\n¦é¦&a¦*¦|¦?¦-¦---¦-0¦"¦{{ x }}¦1e400¦12345678901234567890'.split(
    '¦',
  );

/** What is put into a text, anywhere. */
const PIECES =
  'a¦: ¦:¦- ¦\n¦\n  ¦ ¦{¦}¦[¦]¦,¦"¦\'¦#¦ # c\n¦|\n¦|-\n¦&x ¦?¦1¦null¦\t¦k: ¦k: v\n¦  k: v\n¦- x\n¦\n\n¦---\n¦\\¦é¦.5¦'.split(
    '¦',
  );

describe('the fast reader', () => {
  test.each([
    ['a map', "a: 1\nb: x y\nc: \"q\\n\\u00e9\" # why\nd: 'it''s'\n"],
    ['no line break at the end', 'a: b'],
    ['comments and empty lines', '# top\n\na: 1 # one\n\n  # between\nb: 2\n# end'],
    ['maps in maps', 'a:\n  b:\n    c: 1\n  d: 2\ne:   # here\n  f: 3\n'],
    ['nothing', 'a:\nb: # nothing\nc: null\n'],
    [
      'lists',
      'a:\n  - 1\n  - x -> y\n  - from: a\n    to: b\n  -   k: v\n      l: w\nb:\n- 1\n- c: 2\nd: 1\n',
    ],
    ['brackets', 'a: { b: [1, x y, "q"], "c":2, d: {} }\ne: []\nf: [{ a: 1 }, [2]]\n'],
    ['brackets over lines', 'a: {\n    b: 1,\n\n    c: [\n      2, 3\n    ]\n  }\nb: 1\n'],
    ['JSON', '{\n\t"a": [1, -2.5, 1e3, true, false, null, "x"],\n\t"b": {}\n}\n'],
    ['JSON on one line', '{"a":1,"b":[],"c":"x"}'],
    ['a list in brackets', '[1, { a: 2 }] # end'],
    ['numbers', 'a: 0\nb: -1\nc: 1.50\nd: 1e3\ne: 30s\nf: 2d\ng: 1.2.3\nh: 5m30\n'],
    ['words', 'a: true\nb: false\nc: null\nd: yes\ne: nullable\n'],
    ['text with marks inside', 'a: x#y\nb: a:b\nc: state.n > 3 && !x\nd: "{{ input.ref }}"\ne: (1)\n'],
    ['lines as they are', 'a: |\n  x\n    y: # z\n\n  w\n\nb: |-\n  x\n\n# end\nc:\n  - |\n    x\n  - 1\n'],
    ['lines as they are, at the end', 'a:\n  b: |-\n    x'],
    ['other letters', 'title: Проверка é\n'],
  ])('reads as the library does: %s', (_what, text) => {
    const value = readYaml(text).value as Json;
    expect(plainReadingOf(text)).toEqual(readingOf(text, value));
  });

  test.each([
    ['nothing at all', ''],
    ['comments alone', '# x\n'],
    ['one value', 'x'],
    ['a list', '- a\n'],
    ['an indented document', '  a: 1\n'],
    ['marks of documents', '---\na: 1\n'],
    ['a second document', 'a: 1\n---\nb: 2\n'],
    ['Windows line breaks', 'a: 1\r\n'],
    ['a byte order mark', '\ufeffa: 1\n'],
    ['tabs', 'a:\t1\n'],
    ['tabs in brackets of a block', 'a: {\tb: 1 }\n'],
    ['anchors', 'a: &x 1\n'],
    ['aliases', 'a: *x\n'],
    ['tags', 'a: !x 1\n'],
    ['folded lines', 'a: >\n  x\n'],
    ['lines with an indentation of their own', 'a: |2\n   x\n'],
    ['lines that keep their end', 'a: |+\n  x\n\n'],
    ['lines that begin with an empty one', 'a: |\n\n  x\n'],
    ['lines that are none', 'a: |\nb: 1\n'],
    ['spaces alone among lines', 'a: |\n  x\n   \n  y\n'],
    ['lines that lose their indentation', 'a:\n  b: |\n      x\n    y\n'],
    ['text over lines', 'a: x\n  y\n'],
    ['quoted text over lines', 'a: "x\n  y"\n'],
    ['a key with spaces', 'a b: 1\n'],
    ['a key that is a number', "'1': 1\n"],
    ['a key that is a word', 'true: 1\n'],
    ['a key that is there twice', 'a: 1\na: 2\n'],
    ['a key that is there twice, in brackets', '{ a: 1, a: 2 }'],
    ['a key that is not allowed', '__proto__: 1\n'],
    ['a key without a value', '{ a, b }'],
    ['a key without a value, in brackets', '{ a: , b: 1 }'],
    ['a comma too many', '[1, 2,]'],
    ['no comma', '["x" 1]'],
    ['a comment in brackets', '[1, # one\n2]'],
    ['a pair in a list', '[a: 1]'],
    ['two values on a line', 'a: b: c\n'],
    ['a colon at the end', 'a: b:\n'],
    ['something after the brackets', '{ a: 1 } x'],
    ['something after the document', '{ a: 1 }\nb: 2\n'],
    ['brackets that are not closed', 'a: [1\n'],
    ['brackets that are not indented', 'a:\n  b: [\n  1 ]\n'],
    ['a value that is indented too far', 'a: 1\n  b: 2\n'],
    ['a value that is indented between', 'a:\n    b: 1\n  c: 2\n'],
    ['a map after a list', 'a:\n  - 1\n  b: 2\n'],
    ['a list after a map', 'a: 1\n- 2\n'],
    ['a list in a list', 'a:\n  - - 1\n'],
    ['an empty item', 'a:\n  -\n  - 1\n'],
    ['a number in another form', 'a: 0x1f\n'],
    ['a number with a sign', 'a: +1\n'],
    ['a number that is not exact', 'a: 12345678901234567890\n'],
    ['a number that is too large', 'a: 1e99\n'],
    ['less than nothing', 'a: -0\n'],
    ['no number', 'a: .inf\n'],
    ['a word in another form', 'a: True\n'],
    ['too deep', `${'['.repeat(101)}${']'.repeat(101)}`],
    ['too much', `[${'0,'.repeat(1_000_000)}0]`],
  ])('leaves to the library: %s', (_what, text) => {
    expect(readPlainText(text)).toBeUndefined();
  });

  const words = fc.constantFrom<string[]>(...WORDS);
  const keys = fc.constantFrom('a', 'b', 'give-up', 'x.y', '$s', '1', 'true', 'x y', 'é', 'null', '_', 'a:b');
  const { value: anyValue } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(keys, tie('value'), { maxKeys: 3 }),
    ),
  }));
  const styles = fc.record({
    indent: fc.constantFrom(1, 2, 4),
    indentSeq: fc.boolean(),
    lineWidth: fc.constantFrom(0, 20, 80),
    defaultStringType: fc.constantFrom('PLAIN', 'BLOCK_LITERAL', 'QUOTE_DOUBLE', 'QUOTE_SINGLE'),
    collectionStyle: fc.constantFrom('any', 'flow', 'block'),
  });
  const pieces = fc.constantFrom<string[]>(...PIECES);
  const texts = fc
    .tuple(
      fc.dictionary(keys, anyValue, { minKeys: 1, maxKeys: 4 }),
      styles,
      fc.array(fc.tuple(fc.nat(), fc.nat(3), pieces), { maxLength: 3 }),
    )
    .map(([value, style, changes]) =>
      changes.reduce(
        (text, [place, cut, piece]) => {
          const at = place % (text.length + 1);
          return text.slice(0, at) + piece + text.slice(at + cut);
        },
        stringify(value, style),
      ),
    );

  test('reads as the library does, whatever anybody wrote', () => {
    let taken = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const reading = plainReadingOf(text);
        if (reading === undefined) return;
        taken++;
        expect(reading).toEqual(readingOf(text, (reading as { value: Json }).value));
      }),
      { numRuns: 1_000 },
    );
    expect(taken).toBeGreaterThan(50);
  });
});
