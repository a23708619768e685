/** A payload: one recorded value as the JSON text that stands in the journal. */
import type { Json } from './json.ts';

/**
 * JSON text of a recorded value; the empty text stands for `undefined` (a top-level undefined is carried).
 * Text is kept until somebody looks, so that folding a long run parses nothing that nobody reads.
 */
export type Payload = string;

/** The payload of `undefined`. */
export const NO_VALUE: Payload = '';

/** The value that a payload stands for, as a fresh copy that the caller may change. */
export function decodePayload(payload: Payload): Json | undefined {
  return payload === NO_VALUE ? undefined : (JSON.parse(payload) as Json);
}

/** The payload of a value that is known to be plain JSON; use `encodeValue` for anything that comes from users. */
export function payloadOf(value: Json | undefined): Payload {
  return value === undefined ? NO_VALUE : JSON.stringify(value);
}
