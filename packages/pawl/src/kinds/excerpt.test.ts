/** Promises of excerpts: short texts stay, long ones say what they left out. */
import { expect, test } from 'vitest';
import { findValueProblem } from '../std/index.ts';
import { textEnd, textStart } from './excerpt.ts';

test('a text within the limit stays as it is', () => {
  expect([textStart('é1', 3), textEnd('é1', 3)]).toEqual(['é1', 'é1']);
});

test('a longer text is cut between characters and says how many bytes are missing', () => {
  expect(textStart('éééé', 3)).toBe('é[… 6 bytes left out …]');
  expect(textEnd('éééé', 3)).toBe('[… 6 bytes left out …]é');
});

test('what a journal cannot hold is replaced', () => {
  for (const text of ['a\0b', 'a\ud800b']) {
    expect(findValueProblem(textStart(text, 100) + textEnd(text, 2))).toBeUndefined();
  }
});
