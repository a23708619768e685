/** Promises of the guarded lookup: the socket gets public addresses or an error, never something in between. */
import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { deferred } from '../../std/index.ts';
import { guardedLookup, type Resolve } from './guarded-lookup.ts';

const answerWith =
  (...addresses: LookupAddress[]): Resolve =>
  (_host, _options, done) =>
    done(null, addresses);

const open4 = { address: '1.1.1.1', family: 4 };
const open6 = { address: '2606:4700::1111', family: 6 };
const private4 = { address: '10.0.0.1', family: 4 };
const mapped = { address: '::ffff:169.254.169.254', family: 6 };

function look(resolve: Resolve | undefined, host: string, all: boolean): Promise<unknown> {
  const answer = deferred<unknown>();
  guardedLookup(resolve)(host, { all }, (error, address, family) => {
    if (error) answer.reject(error);
    else answer.resolve(all ? address : { address, family });
  });
  return answer.promise;
}

test('gives all public addresses to a socket that tries several', async () => {
  expect(await look(answerWith(open4, open6), 'a.example', true)).toEqual([open4, open6]);
});

test('gives the first public address to a socket that tries one', async () => {
  expect(await look(answerWith(open6, open4), 'a.example', false)).toEqual(open6);
});

test.each([
  ['the only', [private4]],
  ['the first', [private4, open4]],
  ['the last', [open4, open6, private4]],
  ['an IPv4-mapped', [open4, mapped]],
])('I15: denies a host when %s address is not public', async (_which, addresses) => {
  for (const all of [true, false]) {
    const denied = addresses.find((one) => one === private4 || one === mapped)?.address;
    await expect(look(answerWith(...addresses), 'a.example', all)).rejects.toMatchObject({
      name: 'AddressDenied',
      host: 'a.example',
      address: denied,
    });
  }
});

test('I15: denies what the system resolves to loopback', async () => {
  await expect(look(undefined, 'localhost', true)).rejects.toMatchObject({ name: 'AddressDenied' });
});

test('passes on that a name cannot be resolved', async () => {
  const problem = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  const resolve: Resolve = (_host, _options, done) => done(problem, []);
  await expect(look(resolve, 'nowhere.example', true)).rejects.toBe(problem);
});

test('treats an answer without addresses as an error', async () => {
  await expect(look(answerWith(), 'empty.example', false)).rejects.toThrow('empty.example has no address');
});
