/** What an http step answers with: the body as JSON, text or base64, by its content type. */
import { TextDecoder } from 'node:util';
import { type HttpAnswered, recordableText, textOf } from '../../clients/index.ts';
import { findValueProblem, type Json } from '../../std/index.ts';
import { MASK } from '../../step/index.ts';

export interface HttpOutput {
  readonly status: number;
  /** Names in lower case, several values joined with ", "; cookies are masked. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, text, or base64 text where `encoding` says so. */
  readonly body: Json;
  readonly encoding?: 'base64';
}

const TEXT_TYPE =
  /^(?:text\/.*|.*[/+](?:xml|json|json5|yaml|toml)|application\/(?:x-www-form-urlencoded|(?:x-)?(?:yaml|javascript|ndjson|sh|sql)|ecmascript|graphql|jsonl|json-seq))$/;

export function outputOf(answer: HttpAnswered): HttpOutput {
  return { status: answer.status, headers: visibleHeaders(answer.headers), ...bodyOf(answer) };
}

function visibleHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return 'set-cookie' in headers ? { ...headers, 'set-cookie': MASK } : { ...headers };
}

function bodyOf(answer: HttpAnswered): Pick<HttpOutput, 'body' | 'encoding'> {
  const text = bodyText(answer);
  if (text === undefined) return { body: answer.body.toString('base64'), encoding: 'base64' };
  return { body: isJson(mediaType(answer)) ? jsonOrText(text) : text };
}

/** The body as text; undefined where its bytes are no text. */
export function bodyText({ body, headers, isEncoded }: HttpAnswered): string | undefined {
  const type = mediaType({ headers });
  if (body.length === 0) return '';
  if (isEncoded) return undefined;
  if (type === '') return textIfUtf8(body); // nobody says what it is
  if (isJson(type)) return textOf(withoutMark(body)); // JSON is UTF-8 (RFC 8259)
  return TEXT_TYPE.test(type) ? decoded(body, headers['content-type'] ?? '') : undefined;
}

function mediaType({ headers }: Pick<HttpAnswered, 'headers'>): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function isJson(type: string): boolean {
  return type === 'application/json' || type === 'text/json' || type.endsWith('+json');
}

/** The value, where it is JSON that can be recorded; else the text itself. */
function jsonOrText(text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    return findValueProblem(value) ? text : value;
  } catch {
    return text;
  }
}

/** Without the byte order mark that some servers put before JSON. */
function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function textIfUtf8(bytes: Buffer): string | undefined {
  try {
    return recordableText(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function decoded(bytes: Buffer, contentType: string): string {
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  return recordableText(decoderFor(charset).decode(bytes));
}

function decoderFor(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder(); // a name that nobody knows: UTF-8 is the best guess
  }
}
