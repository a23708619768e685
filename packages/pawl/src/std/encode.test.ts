/** Promises of the size of a payload: counted in bytes of UTF-8, and refused with the numbers where it is too large. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteLength, encodeValue } from './encode.ts';

describe('a payload', () => {
  test.each([
    ['ASCII', 'abc', 5],
    ['two bytes a character', 'éé', 6],
    ['three bytes a character', '€', 5],
    ['four bytes a character', '😀', 6],
  ])('of %s is as long as its UTF-8, to the byte', (_what, value, bytes) => {
    expect(encodeValue(value, 'it', bytes)).toBe(JSON.stringify(value));
    expect(() => encodeValue(value, 'the input', bytes - 1)).toThrowError(
      expect.objectContaining({
        code: 'PAYLOAD_TOO_LARGE',
        message: `the input is ${bytes} bytes long; the limit is ${bytes - 1}.`,
      }),
    );
  });

  test('of undefined has no length', () => {
    expect(encodeValue(undefined, 'it', 0)).toBe('');
  });

  test('has no limit unless it is given one', () => {
    expect(encodeValue('x'.repeat(1_000_000), 'it')).toHaveLength(1_000_002);
  });

  test('is refused exactly where its bytes pass the limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(60), (text, limit) => {
        const bytes = Buffer.byteLength(JSON.stringify(text));
        const isTooLarge = bytes > limit;
        const encode = (): string => encodeValue(text, 'it', limit);
        if (isTooLarge) expect(encode).toThrowError(`it is ${bytes} bytes long`);
        else expect(encode()).toBe(JSON.stringify(text));
      }),
    );
  });
});

test('the length of a text is that of its UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => byteLength(text) === Buffer.byteLength(text)),
  );
});
