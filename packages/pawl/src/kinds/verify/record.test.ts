/** Promises of what is recorded of a contract: all of it but secrets, long texts cut. */
import { expect, test } from 'vitest';
import { MASK, secret } from '../../step/index.ts';
import { recordedVerifyInput } from './record.ts';

test('a contract is recorded without its secrets', () => {
  const clauses = [
    { argv: ['x'], env: { A: 'a', API_TOKEN: 'b', C: secret('C') }, stdin: 'y'.repeat(5_000), status: 1 },
    { text: 'x'.repeat(5_000), contains: 'x' },
    { text: { a: 1 }, contains: 'x' },
    { value: null, schema: { type: 'null' } },
  ];
  expect(recordedVerifyInput({ clauses })).toEqual({
    clauses: [
      {
        argv: ['x'],
        env: { A: 'a', API_TOKEN: MASK, C: { $secret: 'C' } },
        stdin: `${'y'.repeat(4_096)}[… 904 bytes left out …]`,
        status: 1,
      },
      { text: `${'x'.repeat(4_096)}[… 904 bytes left out …]`, contains: 'x' },
      { text: { a: 1 }, contains: 'x' },
      { value: null, schema: { type: 'null' } },
    ],
  });
});

test('nothing is recorded of what does not fit the schema', () => {
  expect(recordedVerifyInput({ clauses: [] })).toBeNull();
  expect(recordedVerifyInput({ clauses: [{ env: { A: 'secret' } }] })).toBeNull();
});
