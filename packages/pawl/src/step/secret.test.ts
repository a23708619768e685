/** Promises of secret references: a secret is named, and names that smell of secrets are known. */
import { describe, expect, test } from 'vitest';
import { isSecretRef, isSensitiveName, secret } from './secret.ts';

describe('a reference to a secret', () => {
  test('holds its name and nothing else', () => {
    expect(secret('API_KEY')).toEqual({ $secret: 'API_KEY' });
    expect(isSecretRef(secret('API_KEY'))).toBe(true);
  });

  test('is only what was made as one: data that looks like it resolves nothing', () => {
    expect(isSecretRef({ $secret: 'API_KEY' })).toBe(false);
    expect(isSecretRef(JSON.parse(JSON.stringify(secret('API_KEY'))))).toBe(false);
  });

  test('cannot be turned into another one', () => {
    expect(Object.isFrozen(secret('API_KEY'))).toBe(true);
  });

  test.each([
    ['a text', '$secret'],
    ['null', null],
    ['nothing', undefined],
    ['an object', {}],
  ])('is not %s', (_what, value) => {
    expect(isSecretRef(value)).toBe(false);
  });
});

describe('a name', () => {
  test.each([
    'Authorization',
    'proxy-authorization',
    'Cookie',
    'Set-Cookie',
    'GITHUB_TOKEN',
    'client_secret',
    'PGPASSWORD',
    'passwd',
    'X-Api-Key',
    'apikey',
    'API_KEY',
    'AWS_CREDENTIALS',
    'private_key',
    'PRIVATEKEY',
    'tokens',
  ])('such as %s is masked', (name) => {
    expect(isSensitiveName(name)).toBe(true);
  });

  test.each(['Accept', 'content-type', 'PATH', 'key', 'monkey', 'X-Request-Id', 'max_tokens', 'inputTokens'])(
    'such as %s is not',
    (name) => {
      expect(isSensitiveName(name)).toBe(false);
    },
  );
});
