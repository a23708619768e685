/** Promises of words in printed commands: a shell reads back exactly what was meant. */
import { describe, expect, test } from 'vitest';
import { shellWord } from './shell-word.ts';

describe('a word of a command', () => {
  test.each([
    ['review/item:2/search', 'review/item:2/search'],
    ['lint#2', "'lint#2'"],
    ['a b', "'a b'"],
    ['ship;reboot', "'ship;reboot'"],
    ["it's", `'it'\\''s'`],
    ['', "''"],
  ])('%s is written %s', (word, written) => {
    expect(shellWord(word)).toBe(written);
  });
});
