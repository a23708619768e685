/** Promises of text that reaches a terminal. */
import { describe, expect, test } from 'vitest';
import { cutTo, oneLine, padTo, safeText, widthOf } from './plain-text.ts';

describe('text of a run', () => {
  test('keeps its line breaks and loses every other control character', () => {
    expect(safeText('a\r\nb\tc\u001b[31m\u0007\u009b\u202e')).toBe('a\nb  c\uFFFD[31m\uFFFD\uFFFD\uFFFD');
  });

  test('becomes one line where a line is needed', () => {
    expect(oneLine('  first \n\n  second\u0000 ')).toBe('first second\uFFFD');
  });
});

describe('the width of text', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👍🏽', 2],
    ['👨‍👩‍👧', 2],
    ['✓', 1],
  ])('%j takes %i cells', (text, cells) => {
    expect(widthOf(text)).toBe(cells);
  });

  test('is never passed by a cut, not even inside a wide character', () => {
    expect(cutTo('abcdef', 6)).toBe('abcdef');
    expect(cutTo('abcdef', 4)).toBe('abc…');
    expect(cutTo('日本語', 4)).toBe('日…');
    expect(cutTo('abc', 0)).toBe('…');
  });

  test('is filled up with spaces', () => {
    expect(padTo('日', 4)).toBe('日  ');
    expect(padTo('abcd', 2)).toBe('abcd');
  });
});
