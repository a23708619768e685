/** Promises of what people type as arguments. */
import { describe, expect, test } from 'vitest';
import { parseCount, parseJson, parseLabels, parseStatuses } from './argument-values.ts';

describe('JSON as an argument', () => {
  test('is any JSON value', () => {
    expect(parseJson('{"a":[1,null]}', '--input')).toEqual({ a: [1, null] });
    expect(parseJson('"text"', '--input')).toBe('text');
    expect(parseJson(' 7 ', '--input')).toBe(7);
  });

  test.each(['{', '', 'undefined', "{'a':1}", '[1,]', '01'])('refuses %j with the reason', (text) => {
    expect(() => parseJson(text, '--input')).toThrow(/^--input: not JSON \(/);
  });

  test('says how to quote a text that lost its quotes', () => {
    expect(() => parseJson('blue', 'the value')).toThrow(`a text needs its quotes: '"blue"'`);
    expect(() => parseJson('{blue', 'the value')).not.toThrow('needs its quotes');
  });
});

describe('labels', () => {
  test('are key=value pairs whose value may hold "=" or be empty', () => {
    expect(parseLabels(['a=1', 'b=x=y', 'c='])).toEqual({ a: '1', b: 'x=y', c: '' });
  });

  test('keep a key that objects have of themselves', () => {
    expect(Object.entries(parseLabels(['toString=1']))).toEqual([['toString', '1']]);
  });

  test.each([[['a']], [['=1']], [['']]])('are refused as %j', (pairs) => {
    expect(() => parseLabels(pairs)).toThrow('is not key=value');
  });

  test('refuse a key that is given twice', () => {
    expect(() => parseLabels(['a=1', 'a=2'])).toThrow('--label: "a" is given twice.');
  });
});

describe('counts', () => {
  test('are whole numbers in their range', () => {
    expect(parseCount('0', '--after', { min: 0, max: Number.MAX_SAFE_INTEGER })).toBe(0);
    expect(parseCount('1000', '--limit', { min: 1, max: 1_000 })).toBe(1_000);
  });

  test.each(['', '-1', '1.5', '1e3', ' 1', 'x', '1001', '99999999999999999999'])(
    'are refused as %j',
    (text) => {
      expect(() => parseCount(text, '--limit', { min: 1, max: 1_000 })).toThrow(
        'is not a whole number from 1 to 1000',
      );
    },
  );
});

describe('statuses', () => {
  test('may be repeated and joined by commas', () => {
    expect(parseStatuses(['failed, cancelled', 'parked'])).toEqual(['failed', 'cancelled', 'parked']);
  });

  test('refuse a status that no run has, and list those that runs have', () => {
    expect(() => parseStatuses(['canceled'])).toThrow(
      '--status: "canceled" is not one of queued, running, waiting',
    );
  });
});
