/** What is recorded of the input of an http step: everything but what should stay secret. */
import { canonicalJson, digestText, type Json } from '../../std/index.ts';
import { isSecretRef, isSensitiveName, MASK, type SecretRef } from '../../step/index.ts';
import { RECORDED_BODY_BYTES } from './defaults.ts';
import { type HttpInput, httpInputSchema } from './input.ts';
import { isSensitiveParameter, maskedUrl } from './masked-url.ts';

/**
 * References stay references; values under a telling name are masked; of the body there is its size and its digest. Of an input
 * that does not fit the schema nothing is recorded: nobody knows where in it a secret is.
 */
export function recordedHttpInput(input: HttpInput): Json {
  if (!httpInputSchema.safeParse(input).success) return null;
  const { method, url, headers, query, allowStatus, allowPrivate, maxBodyBytes } = input;
  const body = recordedBody(input);
  return {
    method: method ?? 'GET',
    url: maskedUrl(url),
    ...(headers === undefined ? {} : { headers: recordedHeaders(headers) }),
    ...(query === undefined ? {} : { query: masked(query, isSensitiveParameter) }),
    ...(body === undefined ? {} : { body }),
    ...(allowStatus === undefined ? {} : { allowStatus: allowStatus === true ? true : [...allowStatus] }),
    ...(allowPrivate === undefined ? {} : { allowPrivate }),
    ...(maxBodyBytes === undefined ? {} : { maxBodyBytes }),
  };
}

function recordedHeaders(headers: Readonly<Record<string, string | SecretRef>>): Json {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (isSecretRef(value)) return [name, { $secret: value.$secret }];
      return [name, isSensitiveName(name) ? MASK : value];
    }),
  );
}

/**
 * Size and digest of the body as it is recorded. JSON and forms are masked first: the digest of a text with a short
 * password in it would give the password to whoever tries them all.
 */
function recordedBody({ body, json, form }: HttpInput): Json | undefined {
  if (body !== undefined) return summaryOf(body);
  if (json !== undefined) return dataSummary('json', masked(json, isSensitiveName));
  return form === undefined ? undefined : dataSummary('form', masked(form, isSensitiveParameter));
}

function dataSummary(name: 'json' | 'form', shown: Json): Json {
  const summary = summaryOf(canonicalJson(shown));
  return summary.bytes > RECORDED_BODY_BYTES ? summary : { ...summary, [name]: shown };
}

function summaryOf(text: string): { bytes: number; sha256: string } {
  return { bytes: Buffer.byteLength(text), sha256: digestText(text) };
}

type IsSensitive = (name: string) => boolean;

/** A copy of plain data in which whatever stands under a sensitive name is masked; references stay. */
function masked(value: unknown, isSensitive: IsSensitive): Json {
  if (isSecretRef(value)) return { $secret: value.$secret };
  if (Array.isArray(value)) return value.map((part) => masked(part, isSensitive));
  if (typeof value !== 'object' || value === null) return value as Json;
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(
    parts.map(([name, part]) => [
      name,
      isSensitive(name) && mayBeSecret(part) ? MASK : masked(part, isSensitive),
    ]),
  );
}

/** Not a reference, which says which secret was used, and not what gives nothing away. */
function mayBeSecret(value: unknown): boolean {
  return value !== null && typeof value !== 'boolean' && !isSecretRef(value);
}
