/** Promises of secrets in the input of a kind: resolved where they are used, whole or not at all in what is cut. */
import { expect, test } from 'vitest';
import { MASK, secret, type StepContext } from '../step/index.ts';
import { SecretReader } from './secrets.ts';

const values: Readonly<Record<string, string>> = { A: 'abcdefgh', LONGER: 'abcdefghijkl', EMPTY: '' };

function readerOf(...names: string[]): SecretReader {
  const reader = new SecretReader({ secret: (name: string) => values[name] ?? '' } as StepContext);
  for (const name of names) reader.resolve(secret(name));
  return reader;
}

test('resolves references however deep, and leaves everything else as it is', () => {
  const data = { list: [1, secret('A'), { key: secret('LONGER') }], none: null, text: '$secret' };
  const resolved = { list: [1, values['A'], { key: values['LONGER'] }], none: null, text: '$secret' };
  expect(readerOf().resolveDeep(data)).toEqual(resolved);
});

test('masks the values that were asked for, the longer ones first', () => {
  expect(readerOf('A', 'LONGER').mask('abcdefgh abcdefghijkl b')).toBe(`${MASK} ${MASK} b`);
  expect(readerOf().mask('abcdefgh')).toBe('abcdefgh');
  expect(readerOf('EMPTY').mask('abc')).toBe('abc');
});

test('I12: masks the part of a secret that a cut leaves over', () => {
  const reader = readerOf('A');
  expect(reader.maskCutEnd('token=abcdef')).toBe(`token=${MASK}`);
  expect(reader.maskCutStart('defgh rest')).toBe(`${MASK} rest`);
  expect(reader.maskCutEnd('token=abc')).toBe('token=abc'); // too short to give anything away
  expect(reader.maskCutEnd('nothing')).toBe('nothing');
  expect(reader.maskCutStart('nothing')).toBe('nothing');
});
