/** Promises of digests: those of the standard, and the same for equal values. */
import { expect, test } from 'vitest';
import { digestText, digestValue } from './digest.ts';

test('the digest of a text is its SHA-256', () => {
  expect(digestText('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('equal values have one digest, whatever the order of their keys', () => {
  expect(digestValue({ a: 1, b: { c: 2, d: 3 } })).toBe(digestValue({ b: { d: 3, c: 2 }, a: 1 }));
});

test('lists in another order have another digest', () => {
  expect(digestValue([1, 2])).not.toBe(digestValue([2, 1]));
});
