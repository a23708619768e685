/** Promises of the http kind about what it records of its input. */
import { describe, expect, test } from 'vitest';
import { digestText } from '../../std/index.ts';
import { MASK, secret } from '../../step/index.ts';
import { type HttpInput, httpInputSchema } from './input.ts';
import { recordedHttpInput } from './record.ts';

const recorded = (input: unknown) => recordedHttpInput(httpInputSchema.parse(input));
const url = 'https://api.example.com/a';

describe('the record of an http step', () => {
  test('holds what was asked for', () => {
    const more = { allowStatus: [404], allowPrivate: true, maxBodyBytes: 5 };
    expect(recorded({ url, method: 'put', ...more })).toEqual({ method: 'PUT', url, ...more });
    expect(recorded({ url, allowStatus: true })).toEqual({ method: 'GET', url, allowStatus: true });
  });

  test('I12: masks headers with a telling name, and keeps references', () => {
    const headers = {
      Authorization: 'Bearer clear',
      Cookie: 'session=clear',
      'X-Api-Key': 'clear',
      'X-Auth-Token': secret('T'),
      'X-Tenant': secret('TENANT'),
      Accept: 'text/html',
    };
    expect(recorded({ url, headers })).toMatchObject({
      headers: {
        Authorization: MASK,
        Cookie: MASK,
        'X-Api-Key': MASK,
        'X-Auth-Token': { $secret: 'T' },
        'X-Tenant': { $secret: 'TENANT' },
        Accept: 'text/html',
      },
    });
  });

  test('I12: masks the query, given as such or in the URL', () => {
    const query = {
      api_key: 'clear',
      sig: 'clear',
      token: secret('T'),
      tokens: ['clear'],
      q: 'a',
      n: [1, 2],
    };
    expect(recorded({ url, query })).toMatchObject({
      query: { api_key: MASK, sig: MASK, token: { $secret: 'T' }, tokens: MASK, q: 'a', n: [1, 2] },
    });
    const inUrl = `${url}?access_token=clear&X-Amz-Signature=clear&key=clear&q=a%20b&%74oken=clear#token=clear`;
    expect(recorded({ url: inUrl })).toMatchObject({
      url: `${url}?access_token=${MASK}&X-Amz-Signature=${MASK}&key=${MASK}&q=a%20b&token=${MASK}#${MASK}`,
    });
  });

  test('I12: masks user and password of the URL', () => {
    expect(recorded({ url: 'https://user:clear@a.example:8443/b' })).toMatchObject({
      url: `https://${MASK}@a.example:8443/b`,
    });
  });

  test('I12: masks sensitive keys of JSON and forms', () => {
    const json = {
      user: 'ann',
      password: 'clear',
      pin: { secret: [1, 2] },
      list: [{ apiKey: 'clear', key: 'name' }],
      hasToken: true,
      token: null,
      ref: secret('R'),
      credentials: secret('C'),
    };
    const shown = {
      user: 'ann',
      password: MASK,
      pin: { secret: MASK },
      list: [{ apiKey: MASK, key: 'name' }],
      hasToken: true,
      token: null,
      ref: { $secret: 'R' },
      credentials: { $secret: 'C' },
    };
    expect(recorded({ url, json })).toMatchObject({ body: { json: shown } });
    const form = { client_secret: 'clear', code: 'clear', grant_type: 'x' };
    expect(recorded({ url, form })).toMatchObject({
      body: { form: { client_secret: MASK, code: MASK, grant_type: 'x' } },
    });
  });

  test('I12: of a text there is only its size and its digest', () => {
    expect(recorded({ url, body: 'sécret' })).toEqual({
      method: 'GET',
      url,
      body: { bytes: 7, sha256: digestText('sécret') },
    });
  });

  test('I12: of long JSON there is only its size and its digest', () => {
    const body = (recorded({ url, json: 'x'.repeat(4_095) }) as { body: object }).body;
    expect(Object.keys(body)).toEqual(['bytes', 'sha256']);
    expect(body).toHaveProperty('bytes', 4_097);
  });

  test('I12: holds nothing of an input that does not fit', () => {
    for (const input of [
      null,
      'x',
      { url, headers: [['authorization', 'clear']] },
      { url, password: 'clear' },
    ]) {
      expect(recordedHttpInput(input as unknown as HttpInput)).toBeNull();
    }
  });

  test('I12: the digest gives no masked value to whoever tries them all', () => {
    expect(recorded({ url, json: { pin: 1, password: 'a' } })).toEqual(
      recorded({ url, json: { pin: 1, password: 'b' } }),
    );
    expect(recorded({ url, json: { pin: 1 } })).not.toEqual(recorded({ url, json: { pin: 2 } }));
  });
});
