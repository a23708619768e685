/** Bodies of requests: JSON objects, no longer than what a payload may be. */
import type { IncomingMessage } from 'node:http';
import { pawlError } from '../errors/index.ts';

export type Body = Readonly<Record<string, unknown>>;

/** @throws `HTTP_DOOR_CONTENT_TYPE`, `HTTP_DOOR_BODY_TOO_LARGE`, `HTTP_DOOR_BODY` */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(?:;|$)/i.test(type)) throw pawlError('HTTP_DOOR_CONTENT_TYPE');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw pawlError('HTTP_DOOR_BODY_TOO_LARGE', { limit: maxBytes });
    chunks.push(chunk);
  }
  return parse(Buffer.concat(chunks));
}

function parse(bytes: Buffer): Body {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw pawlError('HTTP_DOOR_BODY', { problem: 'it is no JSON in UTF-8' });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw pawlError('HTTP_DOOR_BODY', { problem: 'it must be an object' });
  return value as Body;
}
