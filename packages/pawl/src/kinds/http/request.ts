/** The request of an http step: secrets resolved, headers and body written out. */
import type { HttpCall } from '../../clients/index.ts';
import { isSecretRef, type SecretRef, type StepContext } from '../../step/index.ts';
import type { SecretReader } from '../secrets.ts';
import { BODY_BYTES, EXCERPT_BYTES } from './defaults.ts';
import type { HttpInput } from './input.ts';

type Scalar = string | number | boolean | SecretRef;

/** Headers that are sent unless the input sets them. */
const STANDARD_HEADERS = { accept: '*/*', 'accept-encoding': 'gzip, br, deflate', 'user-agent': 'pawl' };

export function callOf(input: HttpInput, context: StepContext, secrets: SecretReader): HttpCall {
  const content = contentOf(input, secrets);
  return {
    method: input.method ?? 'GET',
    url: urlOf(input, secrets),
    headers: {
      ...STANDARD_HEADERS,
      'idempotency-key': context.idempotencyKey,
      ...(content ? { 'content-type': content.type } : {}),
      ...headersOf(input, secrets),
    },
    body: content?.bytes,
    allowPrivate: input.allowPrivate ?? false,
    maxBodyBytes: input.maxBodyBytes ?? BODY_BYTES,
    excerptBytes: EXCERPT_BYTES,
    isExpected: (status) => isExpected(status, input.allowStatus),
  };
}

/** Whether a status is an answer, or fails the step. */
function isExpected(status: number, allowed: HttpInput['allowStatus']): boolean {
  return (status >= 200 && status < 300) || allowed === true || (allowed?.includes(status) ?? false);
}

/** Names in lower case: a header of the input replaces the one that we would send. */
function headersOf(input: HttpInput, secrets: SecretReader): Record<string, string> {
  return Object.fromEntries(
    Object.entries(input.headers ?? {}).map(([name, value]) => [name.toLowerCase(), secrets.resolve(value)]),
  );
}

function urlOf(input: HttpInput, secrets: SecretReader): URL {
  const url = new URL(input.url);
  for (const [name, values] of Object.entries(input.query ?? {})) {
    for (const value of Array.isArray(values) ? values : [values]) {
      url.searchParams.append(name, textOfScalar(value, secrets));
    }
  }
  return url;
}

function textOfScalar(value: Scalar, secrets: SecretReader): string {
  return isSecretRef(value) ? secrets.resolve(value) : String(value);
}

interface Content {
  readonly type: string;
  readonly bytes: Buffer;
}

function contentOf({ body, json, form }: HttpInput, secrets: SecretReader): Content | undefined {
  if (json !== undefined) {
    return { type: 'application/json', bytes: Buffer.from(JSON.stringify(secrets.resolveDeep(json))) };
  }
  if (form !== undefined) {
    const fields = new URLSearchParams();
    for (const [name, value] of Object.entries(form)) fields.append(name, textOfScalar(value, secrets));
    return { type: 'application/x-www-form-urlencoded', bytes: Buffer.from(fields.toString()) };
  }
  return body === undefined ? undefined : { type: 'text/plain; charset=utf-8', bytes: Buffer.from(body) };
}
