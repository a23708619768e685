/** Promises of times: one moment everywhere, or none at all. */
import { describe, expect, test } from 'vitest';
import { parseInstant } from './instant.ts';

describe('a time', () => {
  test.each<[string, number]>([
    ['2026-01-31T09:00:00Z', Date.UTC(2026, 0, 31, 9)],
    ['2026-01-31T09:00Z', Date.UTC(2026, 0, 31, 9)],
    ['2026-01-31T09:00:00.250+01:30', Date.UTC(2026, 0, 31, 7, 30, 0, 250)],
    ['2026-01-31', Date.UTC(2026, 0, 31)],
  ])('of %s is %d', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  test.each([
    ['a word with a number, which JavaScript reads', 'r-1'],
    ['a time without a zone, which is another one elsewhere', '2026-01-31T09:00:00'],
    ['a month too many', '2026-13-01'],
    ['an hour too many', '2026-01-31T25:00:00Z'],
    ['English', 'Jan 31 2026'],
    ['empty', ''],
  ])('may not be %s', (_what, text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});
