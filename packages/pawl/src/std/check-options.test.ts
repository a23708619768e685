/** Promises of the door: a misspelled option is named, with the name that was meant. */
import { describe, expect, test } from 'vitest';
import { checkOptions, checkText, checkWhole, nearest } from './check-options.ts';

const rules = { where: 'open', known: ['store', 'timeout'], notYet: ['budget'] };

describe('options', () => {
  test.each([undefined, {}, { store: 1 }, { timeout: undefined }])('that are known pass: %j', (given) => {
    expect(() => checkOptions(given, rules)).not.toThrow();
  });

  test.each([null, 5, 'store', [], true])('that are no object are refused: %j', (given) => {
    expect(() => checkOptions(given, rules)).toThrow(/open: the options are an object/);
  });

  test('that come later are named as such, and unknown ones with the nearest known name', () => {
    expect(() => checkOptions({ budget: 1 }, rules)).toThrow(
      expect.objectContaining({ code: 'NOT_SUPPORTED_YET' }),
    );
    expect(() => checkOptions({ timout: 1 }, rules)).toThrow(/"timout" \(did you mean "timeout"\?\)/);
    expect(() => checkOptions({ x: 1 }, { where: 'w', known: ['store'] })).toThrow(/no option "x"\./);
  });
});

describe('a text', () => {
  test.each([undefined, '', 'abc'])('passes: %j', (text) => {
    expect(() => checkText(text, 'x', 3)).not.toThrow();
  });

  test.each(['abcd', 5, null, 'a\u0000', '\ud800'])('is refused: %j', (text) => {
    expect(() => checkText(text, 'x.label', 3)).toThrow(
      /x\.label: it must be a text of at most 3 characters/,
    );
  });
});

describe('a whole number', () => {
  test.each([undefined, 1, 3])('passes: %j', (value) => {
    expect(() => checkWhole(value, 'x', { from: 1, to: 3 })).not.toThrow();
  });

  test.each([0, 4, 1.5, Number.NaN, '2', null])('is refused: %j', (value) => {
    expect(() => checkWhole(value, 'x', { from: 1, to: 3 })).toThrow(/from 1 to 3/);
  });
});

describe('the nearest name', () => {
  test.each([
    ['timout', 'timeout'],
    ['TIMEOUT', 'timeout'],
    ['stroe', undefined], // two edits of five letters
    ['sore', 'store'],
    ['banana', undefined],
    ['', undefined],
  ])('of %j is %j', (name, near) => {
    expect(nearest(name, ['store', 'timeout'])).toBe(near);
  });

  test('is the closest one of several', () => {
    expect(nearest('deadlin', ['deadlines', 'deadline'])).toBe('deadline');
  });
});
