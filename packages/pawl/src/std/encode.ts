/** The way of a value into the journal: checked, turned into text, and handed on as what the text says. */
import { pawlError } from '../errors/index.ts';
import { findValueProblem } from './json.ts';
import { NO_VALUE, type Payload } from './payload.ts';

/**
 * The payload of a value that comes from users; `what` names the value in messages.
 * @throws `VALUE_INVALID` with the path of what is not plain JSON, `PAYLOAD_TOO_LARGE` past `limitBytes`.
 */
export function encodeValue(value: unknown, what: string, limitBytes = Number.POSITIVE_INFINITY): Payload {
  if (value === undefined) return NO_VALUE;
  const problem = findValueProblem(value);
  if (problem) throw pawlError('VALUE_INVALID', { what, path: problem.path, problem: problem.problem });
  const payload = JSON.stringify(value);
  const bytes = payload.length * 3 > limitBytes ? byteLength(payload) : 0; // three bytes a UTF-16 unit at most
  if (bytes > limitBytes) throw pawlError('PAYLOAD_TOO_LARGE', { what, bytes, limit: limitBytes });
  return payload;
}

const encoder = new TextEncoder();

/** Length of a text in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}
