/** Promises of the http kind about the body it answers with: JSON, text or base64, always recordable. */
import { describe, expect, test } from 'vitest';
import { findValueProblem } from '../../std/index.ts';
import { MASK } from '../../step/index.ts';
import { outputOf } from './output.ts';

function bodyOf(type: string | undefined, body: string | Buffer, isEncoded = false) {
  const output = outputOf({
    kind: 'answered',
    status: 200,
    headers: type === undefined ? {} : { 'content-type': type },
    body: Buffer.from(body),
    isEncoded,
  });
  expect(findValueProblem(output)).toBeUndefined();
  return output.encoding === undefined ? output.body : { base64: output.body };
}

const bytes = Buffer.from([0, 255, 254, 1]);

describe('the body of an answer', () => {
  test.each([
    ['application/json', '{"a":[1]}', { a: [1] }],
    ['application/problem+json; charset=utf-8', '{"a":1}', { a: 1 }],
    ['Application/JSON', 'null', null],
    ['application/json', '\uFEFF{"a":1}', { a: 1 }],
    ['application/json', '{"a":', '{"a":'],
    ['application/json', '', ''],
    ['application/json', '"\\u0000"', '"\\u0000"'],
    ['application/json', '"\\ud800"', '"\\ud800"'],
    ['application/json', '{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}'],
    ['application/json', `${'['.repeat(300)}${']'.repeat(300)}`, `${'['.repeat(300)}${']'.repeat(300)}`],
    ['text/html; charset=utf-8', '<p>é', '<p>é'],
    ['application/xml', '<a/>', '<a/>'],
    ['image/svg+xml', '<svg/>', '<svg/>'],
    ['application/x-www-form-urlencoded', 'a=1', 'a=1'],
    ['application/x-ndjson', '{}\n{}', '{}\n{}'],
    ['text/plain; charset=no-such-charset', 'é', 'é'],
    [undefined, 'é', 'é'],
    ['application/octet-stream', '', ''],
  ])('of type %s and text %j is as expected', (type, text, body) => {
    expect(bodyOf(type, text)).toEqual(body);
  });

  test('is decoded by its charset', () => {
    const latin1 = Buffer.from('é', 'latin1');
    expect(bodyOf('text/plain; charset="ISO-8859-1"', latin1)).toBe('é');
    expect(bodyOf('text/plain', latin1)).toBe('\uFFFD');
  });

  test('is base64 where it is no text', () => {
    for (const type of ['application/octet-stream', 'image/png', undefined]) {
      expect(bodyOf(type, bytes)).toEqual({ base64: bytes.toString('base64') });
    }
    expect(bodyOf('text/plain', 'x', true)).toEqual({ base64: 'eA==' });
  });

  test('holds no NUL even where it calls itself a text', () => {
    expect(bodyOf('text/plain', bytes)).toBe('\uFFFD\uFFFD\uFFFD\u0001');
  });
});

test('I12: cookies are masked', () => {
  const headers = { 'set-cookie': 'session=clear', etag: 'x' };
  const { headers: shown } = outputOf({
    kind: 'answered',
    status: 200,
    headers,
    body: Buffer.of(),
    isEncoded: false,
  });
  expect(shown).toEqual({ 'set-cookie': MASK, etag: 'x' });
});
