/** Promises of matching: the answer is that of the expression, and one that would hang is stopped. */
import { describe, expect, test } from 'vitest';
import { matchText } from './match-text.ts';

const never = new AbortController().signal;

/** Takes 2 to the power of 60 looks at the text. */
const HANGING = { pattern: '^(a+)+$', flags: 'mu', text: `${'a'.repeat(60)}b` };

describe('a match', () => {
  test.each([
    ['^v2\\d', 'a\nv24', true],
    ['^v2\\d$', 'v24.1', false],
    ['ä{2}', 'ää', true],
  ])('of %s in %j is %s', async (pattern, text, expected) => {
    expect(await matchText({ pattern, flags: 'mu', text }, 5_000, never)).toBe(expected);
  });

  test('that would take for ever is given up, and others go on meanwhile', async () => {
    const hanging = matchText(HANGING, 200, never);
    const quick = matchText({ ...HANGING, text: 'aa' }, 5_000, never);
    expect(await quick).toBe(true);
    expect(await hanging).toBeUndefined();
  });

  test('ends with the reason of its signal', async () => {
    const stop = new AbortController();
    const hanging = matchText(HANGING, 60_000, stop.signal);
    stop.abort(new Error('cancelled'));
    await expect(hanging).rejects.toThrow('cancelled');
    await expect(matchText(HANGING, 60_000, stop.signal)).rejects.toThrow('cancelled');
  });

  test('of what is no expression rejects', async () => {
    await expect(matchText({ pattern: '(', flags: '', text: '' }, 5_000, never)).rejects.toThrow(SyntaxError);
  });
});
