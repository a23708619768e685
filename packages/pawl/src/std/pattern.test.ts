/** Promises of patterns: they answer as JavaScript does, in work that grows with the text alone; whatever cannot be matched so is refused. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compilePattern,
  compileRe2,
  MAX_MATCH_WORK,
  MAX_PATTERN_LENGTH,
  MAX_PATTERN_STATES,
  MatchWork,
  type PatternCompilation,
} from './pattern.ts';

function problemOf(compiled: PatternCompilation): string {
  return compiled.ok ? 'none' : compiled.problem;
}

function matches(source: string, text: string): boolean | string {
  const compiled = compilePattern(source, new MatchWork());
  return compiled.ok ? compiled.pattern.test(text) : compiled.problem;
}

const PARTS = [
  ['a', 'b', '-', ' ', '.', '\\.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '\\b', '\\B', '\\n', '\\v'],
  ['[ab]', '[^a]', '[\\s-]', '[^\\S]', '[\\S]', '[a-c\\d]', '[[]', '[^]', '[]', '[\\b]', '[^\\]]', '\\0'],
  ['\\u00e4', '\\u{1F600}', '\\uD83D\\uDE00', '[\\uD83D\\uDE00]', '\\x41', '\\cJ', '\\p{L}', '\\P{Lu}'],
  ['\\p{Script=Greek}', '\\p{sc=Latin}', '\\p{gc=Nd}', '[\\p{L}_]', '\\/', '\\$', '^', '$'],
].flat();
const atom = fc.constantFrom(...PARTS);
const repeat = fc.constantFrom('', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '+?');
const repeated = fc
  .tuple(atom, repeat)
  .map(([part, times]) => (/^(?:\^|\$|\\[bB])$/.test(part) ? part : part + times));
const joined = fc.array(repeated, { minLength: 1, maxLength: 4 }).map((list) => list.join(''));
const group = fc
  .tuple(fc.constantFrom('(', '(?:', '(?<n>'), joined, joined, fc.boolean())
  .map(([open, one, other, isChoice]) => `${open}${one}${isChoice ? `|${other}` : ''})`);
const body = fc.tuple(joined, fc.option(group, { nil: '' }), joined).map((parts) => parts.join(''));
const ahead = fc.tuple(fc.constantFrom('(?=', '(?!'), joined).map(([open, inner]) => `${open}${inner})`);
const patterns = fc.oneof(
  body,
  fc.tuple(body, joined).map(([one, other]) => `${one}|${other}`),
  fc
    .tuple(fc.array(ahead, { minLength: 1, maxLength: 2 }), body)
    .map(([list, rest]) => `^${list.join('')}${rest}`),
);
const CHARS = [
  'a',
  'b',
  'A',
  '-',
  ' ',
  '.',
  '1',
  '\n',
  '\r',
  '\v',
  '\u00a0',
  '\u2028',
  '\ufeff',
  'ä',
  '😀',
  'α',
  '[',
  ']',
  '/',
  '$',
  '_',
  '\b',
  '\0',
];
const texts = fc.array(fc.constantFrom(...CHARS), { maxLength: 8 }).map((list) => list.join(''));

describe('a pattern', () => {
  test('answers as JavaScript does', () => {
    fc.assert(
      fc.property(patterns, fc.array(texts, { minLength: 1, maxLength: 5 }), (source, list) => {
        const own = new RegExp(source, 'u');
        const compiled = compilePattern(source, new MatchWork());
        if (!compiled.ok) throw new Error(compiled.problem);
        const { pattern } = compiled;
        // V8 looks for \B inside of a character that is two units long.
        const isOdd = source.includes('\\B');
        for (const text of isOdd ? list.filter((one) => !one.includes('😀')) : list)
          expect([source, text, pattern.test(text)]).toEqual([source, text, own.test(text)]);
      }),
      { numRuns: 500 },
    );
  });

  test.each([['^(?:(a+)+)$'], ['^(a|aa)+$'], ['^(?=(a+)+$)a'], ['(x+x+)+y'], ['^(.*a){20}$']])(
    'of %s and a text for which JavaScript would take for ever costs states times characters',
    (source) => {
      const text = `${'a'.repeat(100_000)}xxxxxxxxxx!`;
      expect(matches(source, text)).toBe(false);
    },
  );

  test.each([
    ['(?<=a)b', 'look-ahead at its very beginning'],
    ['(?<!a)b', 'look-ahead at its very beginning'],
    ['a(?=b)', 'look-ahead at its very beginning'],
    ['^(?=a)b|c', 'look-ahead at its very beginning'],
    ['^(?=a(?!b))b', 'look-ahead at its very beginning'],
    ['(?=a)b', 'look-ahead at its very beginning'],
    ['(a)\\1', 'back references are not offered'],
    ['(?<n>a)\\k<n>', 'back references are not offered'],
    ['a{1001}', 'invalid repeat count'],
    ['(', 'Unterminated group'],
    ['\\p{Letter}', 'invalid character class range'],
  ])('%s is refused: %s', (source, problem) => {
    expect(problemOf(compilePattern(source, new MatchWork()))).toContain(problem);
  });

  test('that is empty matches whatever there is', () => {
    expect(matches('', 'a')).toBe(true);
  });

  test('has modifiers in no version of Node', () => {
    expect(problemOf(compilePattern('(?i:a)', new MatchWork()))).not.toBe('none');
  });

  test('has a largest length', () => {
    expect(matches('a'.repeat(MAX_PATTERN_LENGTH), 'a')).toBe(false);
    const problem = `it is longer than ${MAX_PATTERN_LENGTH} characters`;
    expect(matches('a'.repeat(MAX_PATTERN_LENGTH + 1), 'a')).toBe(problem);
  });

  test.each([
    ['a{1000}b{900}', true],
    ['a{1000}b{1000}', false],
    ['(?:ab{2,9}){100}', true],
    ['(?:(?:a{10}){20}){10}', false],
    ['(?:abcde){1,500}', false],
    ['a{0}b{1000}[c]{900,}', true],
  ])('has a largest number of states: %s fits is %s', (source, fits) => {
    const problem = `its repeats come to more than ${MAX_PATTERN_STATES} states`;
    expect(problemOf(compilePattern(source, new MatchWork()))).toBe(fits ? 'none' : problem);
  });

  test('costs what a text is long, and past the limit of a check it gives no answer', () => {
    const work = new MatchWork();
    const compiled = compilePattern('a', work);
    const isMatch = compiled.ok ? compiled.pattern.test : undefined;
    const text = 'b'.repeat(MAX_MATCH_WORK / 10);
    isMatch?.(text);
    isMatch?.(text);
    isMatch?.(text);
    expect(() => isMatch?.(text)).toThrow(`more than ${MAX_MATCH_WORK} steps`);
    work.renew();
    expect(isMatch?.(text)).toBe(false);
  });
});

describe('a pattern of RE2', () => {
  test.each([
    ['(?i)abc', 'xABCx', true],
    ['^[[:alpha:]]+$', 'ab1', false],
    ['\\Aa\\z', 'a', true],
  ])('%s in %s is %s', (source, text, expected) => {
    const compiled = compileRe2(source, new MatchWork());
    expect(compiled.ok && compiled.pattern.test(text)).toBe(expected);
  });

  test.each([
    ['(?=a)', 'invalid or unsupported Perl syntax'],
    ['a)', 'unexpected )'],
    ['(((a', 'missing closing )'],
    [`a{1000}${'b'.repeat(1_100)}`, 'is longer than'],
    ['a{1000}b{1000}', 'come to more than'],
    [`(?:${'a'.repeat(500)}\\Q(\\E){100}`, 'come to more than'],
  ])('%s is refused: %s', (source, problem) => {
    expect(problemOf(compileRe2(source, new MatchWork()))).toContain(problem);
  });
});
