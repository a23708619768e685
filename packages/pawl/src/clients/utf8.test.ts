/** Promises of text from bytes: recordable, and cut between characters. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { findValueProblem } from '../std/index.ts';
import { firstWhole, lastWhole, textOf } from './utf8.ts';

const REPLACEMENT = '\uFFFD';

test('any bytes become a text that can be recorded', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(findValueProblem(textOf(Buffer.from(bytes)))).toBeUndefined();
    }),
  );
});

test('a cut falls between characters, and loses at most three bytes to that', () => {
  const unit = fc.string({ unit: 'binary' }).filter((text) => !/[\uFFFD\0]/.test(text));
  fc.assert(
    fc.property(unit, fc.nat(40), (text, limit) => {
      const bytes = Buffer.from(text);
      const [first, last] = [firstWhole(bytes, limit), lastWhole(bytes, limit)];
      expect(textOf(first) + textOf(last)).not.toContain(REPLACEMENT);
      expect(text.startsWith(textOf(first)) && text.endsWith(textOf(last))).toBe(true);
      for (const part of [first, last]) {
        expect(part.length).toBeLessThanOrEqual(limit);
        expect(part.length).toBeGreaterThan(Math.min(limit, bytes.length) - 4);
      }
    }),
  );
});

test('bytes that are no UTF-8 are cut at the limit', () => {
  const bytes = Buffer.alloc(20, 0x80);
  expect([firstWhole(bytes, 10).length, lastWhole(bytes, 10).length]).toEqual([10, 10]);
});
