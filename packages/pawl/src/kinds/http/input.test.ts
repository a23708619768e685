/** Promises of the http kind about what it accepts. */
import { describe, expect, test } from 'vitest';
import { checkSchema } from '../../std/index.ts';
import { secret } from '../../step/index.ts';
import { httpInputSchema } from './input.ts';

function issuesOf(input: unknown): string | undefined {
  const check = checkSchema(httpInputSchema, input, 'http');
  return check.ok ? undefined : check.issues;
}

const url = 'https://api.example.com/a';

describe('the input of an http step', () => {
  test.each([
    ['a URL', { url }],
    ['a method in any case', { url, method: 'post' }],
    [
      'references to secrets',
      { url, headers: { a: secret('A') }, query: { b: secret('B'), c: [secret('C')] } },
    ],
    ['null as JSON', { url, json: null }],
    ['a reference in JSON', { url, json: { deep: [secret('A')] } }],
    ['a form', { url, form: { a: 1, b: true, c: 'x', d: secret('D') } }],
    ['everything else', { url, body: '', allowStatus: [404], allowPrivate: false, maxBodyBytes: 1 }],
    ['every status', { url, allowStatus: true }],
  ])('may be %s', (_what, input) => {
    expect(issuesOf(input)).toBeUndefined();
  });

  test.each([
    ['nothing', undefined, 'expected object'],
    ['without a URL', {}, '$.url'],
    ['a relative URL', { url: '/a' }, '$.url: must be an http: or https: URL'],
    ['a broken URL', { url: 'http://' }, '$.url: must be'],
    ['a port that cannot be', { url: 'http://a:99999' }, '$.url: must be'],
    ['a file', { url: 'file:///etc/passwd' }, '$.url: must be'],
    ['a data URL', { url: 'data:,x' }, '$.url: must be'],
    ['a URL with a NUL', { url: 'http://a/\0' }, '$.url: must not hold a NUL'],
    ['a method that opens a tunnel', { url, method: 'CONNECT' }, '$.method'],
    ['a method that is none', { url, method: 'GET / HTTP/1.1\r\n' }, '$.method'],
    ['an unknown key', { url, allowRedirects: true }, '"allowRedirects"'],
    ['a header name with a space', { url, headers: { 'a b': '1' } }, '$.headers.a b'],
    ['a header with a line break', { url, headers: { a: 'b\r\nc: d' } }, '$.headers.a'],
    ['a header beyond Latin-1', { url, headers: { a: '€' } }, '$.headers.a'],
    ['a header of ours', { url, headers: { 'Content-Length': '5' } }, '$.headers.Content-Length'],
    ['an upgrade', { url, headers: { Upgrade: 'websocket' } }, '$.headers.Upgrade'],
    [
      'a header given twice',
      { url, headers: { Accept: 'a', accept: 'b' } },
      'the same header is given twice',
    ],
    ['a number that JSON does not know', { url, json: { a: [Number.NaN] } }, '$.json: $.a[0]: NaN'],
    ['a date in JSON', { url, json: { at: new Date(0) } }, '$.json: $.at: a Date'],
    ['two bodies', { url, body: 'x', json: {} }, 'at most one of'],
    ['a form of lists', { url, form: { a: ['b'] } }, '$.form.a'],
    ['a status that cannot be', { url, allowStatus: [1_000] }, '$.allowStatus'],
    ['allowStatus: false', { url, allowStatus: false }, '$.allowStatus'],
    ['no room for a body', { url, maxBodyBytes: 0 }, '$.maxBodyBytes'],
    ['room for any body', { url, maxBodyBytes: 1e12 }, '$.maxBodyBytes'],
  ])('may not be %s', (_what, input, issue) => {
    expect(issuesOf(input)).toContain(issue);
  });

  test('may not be JSON without an end', () => {
    const json: unknown[] = [];
    json.push(json);
    expect(issuesOf({ url, json })).toContain('the value contains itself');
  });
});
