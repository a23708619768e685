/** Promises of durations: what people write is read exactly or refused, and never quietly becomes 0. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, MAX_DURATION_MS, parseDuration, parseLimit } from './duration.ts';

describe('a duration', () => {
  test.each<[string | number, number]>([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['1d1h1m1s1ms', 90_061_001],
    ['1.5s', 1_500],
    ['0.5h', 1_800_000],
    ['0s', 0],
    [0, 0],
    [1_500, 1_500],
    [MAX_DURATION_MS, MAX_DURATION_MS],
    ['36500d', MAX_DURATION_MS],
  ])('of %j is %d ms', (duration, expected) => {
    expect(parseDuration(duration, 'here')).toBe(expected);
  });

  test.each<[string, unknown, string?]>([
    ['the empty text', ''],
    ['a number without a unit', '30'],
    ['an unknown unit', '5 weeks'],
    ['a unit without a number', 's'],
    ['a space', '1h 30m'],
    ['a unit in capitals', '5M'],
    ['a negative text', '-5s'],
    ['a text that only ends well', 'about 5s'],
    ['an ISO duration', 'PT5S'],
    ['a negative number', -1, ' (less than nothing)'],
    ['a fraction of a millisecond', 1.5],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY, ' (longer than 100 years)'],
    ['more than 100 years', MAX_DURATION_MS + 1, ' (longer than 100 years)'],
    ['more than 100 years as text', '36501d', ' (longer than 100 years)'],
    ['null', null],
    ['a Date', new Date(0)],
    ['a list', ['5s']],
  ])('may not be %s', (_what, duration, reason = '') => {
    expect(() => parseDuration(duration as string, 'step "a".timeout')).toThrowError(
      expect.objectContaining({
        code: 'DURATION_INVALID',
        message: `step "a".timeout: "${String(duration)}${reason}" is not a duration.`,
      }),
    );
  });

  test('is the sum of its parts, in any order', () => {
    const parts = fc.array(fc.tuple(fc.nat(999), fc.constantFrom('ms', 's', 'm', 'h', 'd')), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(parts, (list) => {
        const whole = list.map(([amount, unit]) => `${amount}${unit}`).join('');
        const sum = list.reduce((total, [amount, unit]) => total + parseDuration(`${amount}${unit}`, ''), 0);
        expect(parseDuration(whole, '')).toBe(sum);
      }),
    );
  });

  test('is refused in no time, however long the text is', () => {
    expect(() => parseDuration('1'.repeat(50_000), 'here')).toThrowError('is not a duration');
  });
});

describe('a duration for people', () => {
  test.each([
    [0, '0 ms'],
    [0.4, '0 ms'],
    [850, '850 ms'],
    [999, '999 ms'],
    [999.6, '1.0 s'],
    [1_000, '1.0 s'],
    [2_440, '2.4 s'],
    [59_940, '59.9 s'],
    [59_960, '1 m'],
    [60_000, '1 m'],
    [200_000, '3 m 20 s'],
    [3_599_999, '59 m 59 s'],
    [3_600_000, '1 h'],
    [5_400_000, '1 h 30 m'],
    [86_400_000, '1 d'],
    [187_200_000, '2 d 4 h'],
  ])('of %d ms reads %s', (milliseconds, expected) => {
    expect(formatDuration(milliseconds)).toBe(expected);
  });
});

describe('a limit', () => {
  test('is a duration of more than nothing', () => {
    expect(parseLimit('1ms', 'x')).toBe(1);
    for (const none of [0, '0s'])
      expect(() => parseLimit(none, 'x.timeout')).toThrow(/x\.timeout.*nothing ends in no time/);
  });
});
