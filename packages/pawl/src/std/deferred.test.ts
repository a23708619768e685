/** Promises of the smallest tools: a promise with its ends outside, and a switch that must be exhaustive. */
import { expect, test } from 'vitest';
import { deferred, unreachable } from './deferred.ts';

test('a deferred promise is fulfilled by whoever holds it', async () => {
  const one = deferred<number>();
  one.resolve(5);
  await expect(one.promise).resolves.toBe(5);
});

test('a deferred promise is rejected by whoever holds it', async () => {
  const one = deferred<number>();
  one.reject(new Error('no'));
  await expect(one.promise).rejects.toThrowError('no');
});

test('a case that cannot be throws with its value', () => {
  expect(() => unreachable({ type: 'surprise' } as never)).toThrowError('unreachable: {"type":"surprise"}');
});
