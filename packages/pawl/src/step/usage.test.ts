/** Promises of usage: tokens and money add up exactly, and what is not an amount is refused. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addUsage, formatUsd, isNoUsage, NO_USAGE, type Usage, usageOf, type UsageReport } from './usage.ts';

const usages = fc.record({
  inputTokens: fc.nat(),
  outputTokens: fc.nat(),
  costNanoUsd: fc.nat({ max: 1e15 }),
});

describe('usage', () => {
  test.each<[string, UsageReport, Usage]>([
    ['nothing', {}, NO_USAGE],
    ['tokens', { inputTokens: 5, outputTokens: 7 }, { inputTokens: 5, outputTokens: 7, costNanoUsd: 0 }],
    ['dollars as text', { costUsd: '0.0021' }, { ...NO_USAGE, costNanoUsd: 2_100_000 }],
    ['dollars as number', { costUsd: 0.1 }, { ...NO_USAGE, costNanoUsd: 100_000_000 }],
    ['whole dollars', { costUsd: '12' }, { ...NO_USAGE, costNanoUsd: 12_000_000_000 }],
    ['a small number in the form of JavaScript', { costUsd: 2e-9 }, { ...NO_USAGE, costNanoUsd: 2 }],
    ['a small text in that form', { costUsd: '2e-9' }, { ...NO_USAGE, costNanoUsd: 2 }],
    ['less than a nano-dollar', { costUsd: '0.0000000004' }, NO_USAGE],
  ])('of a report of %s is counted in whole units', (_what, report, expected) => {
    expect(usageOf(report)).toEqual(expected);
  });

  test.each<[string, unknown, string]>([
    ['a negative count', { inputTokens: -1 }, 'report.inputTokens: -1 is not a count'],
    ['half a token', { outputTokens: 0.5 }, 'report.outputTokens: 0.5 is not a count'],
    ['a count as text', { inputTokens: '5' }, 'report.inputTokens: 5 is not a count'],
    ['a count that is no number', { inputTokens: Number.NaN }, 'report.inputTokens: NaN is not a count'],
    ['more than can be counted', { inputTokens: 2 ** 53 }, 'report.inputTokens: 9007199254740992 is not a'],
    ['negative money', { costUsd: '-0.5' }, 'report.costUsd: -0.5 is not an amount'],
    ['money with a currency', { costUsd: '$5' }, 'report.costUsd: $5 is not an amount'],
    ['money with a comma', { costUsd: '0,5' }, 'report.costUsd: 0,5 is not an amount'],
    ['an empty text', { costUsd: '' }, 'report.costUsd:  is not an amount'],
    ['a space', { costUsd: ' ' }, 'report.costUsd:   is not an amount'],
    ['money in hexadecimal', { costUsd: '0x10' }, 'report.costUsd: 0x10 is not an amount'],
    ['money that is no number', { costUsd: Number.NaN }, 'report.costUsd: NaN is not an amount'],
    ['more money than can be counted', { costUsd: 1e10 }, 'report.costUsd: 10000000000 is not an amount'],
    ['a flag as money', { costUsd: true }, 'report.costUsd: true is not an amount'],
  ])('may not be reported as %s', (_what, report, message) => {
    expect(() => usageOf(report as UsageReport)).toThrowError(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(message) }),
    );
  });

  test('adds up in any order, and nothing added changes nothing', () => {
    fc.assert(
      fc.property(usages, usages, usages, (a, b, c) => {
        expect(addUsage(a, b)).toEqual(addUsage(b, a));
        expect(addUsage(addUsage(a, b), c)).toEqual(addUsage(a, addUsage(b, c)));
        expect(addUsage(a, NO_USAGE)).toEqual(a);
      }),
    );
  });

  test.each<[Partial<Usage>, boolean]>([
    [{}, true],
    [{ inputTokens: 1 }, false],
    [{ outputTokens: 1 }, false],
    [{ costNanoUsd: 1 }, false],
  ])('of %j is none: %s', (part, isNone) => {
    expect(isNoUsage({ ...NO_USAGE, ...part })).toBe(isNone);
  });
});

describe('money', () => {
  test.each([
    [0, '0'],
    [1, '0.000000001'],
    [2_100_000, '0.0021'],
    [1_000_000_000, '1'],
    [1_500_000_000, '1.5'],
    [12_000_000_000, '12'],
    [100_000_000_000, '100'],
  ])('of %d nano-dollars reads %s', (nano, text) => {
    expect(formatUsd(nano)).toBe(text);
  });

  test('comes back as it was when its text is reported again', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e15 }), (nano) => {
        expect(usageOf({ costUsd: formatUsd(nano) }).costNanoUsd).toBe(nano);
      }),
    );
  });
});
