/** Content digests: SHA-256 of canonical JSON, as lower-case hex. */
import { createHash } from 'node:crypto';
import { canonicalJson } from './json.ts';

/** SHA-256 (FIPS 180-4) of a text, 64 hex characters. */
export function digestText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** SHA-256 of the canonical JSON of a value: equal values have equal digests, whatever the order of their keys. */
export function digestValue(value: unknown): string {
  return digestText(canonicalJson(value));
}
