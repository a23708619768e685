/** The header Retry-After (RFC 9110, 10.2.3): how long the other side asks us to wait. */

/**
 * Milliseconds to wait, at most `maxMs`; undefined where the header says nothing that can be understood.
 * @param nowMs milliseconds since 1970, for a header that names a date.
 */
export function parseRetryAfter(
  header: string | undefined,
  nowMs: number,
  maxMs: number,
): number | undefined {
  const text = (header ?? '').slice(0, LONGEST).trim();
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : dateMs(text) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, waitMs), maxMs);
}

/** Longer than any date or number of seconds that makes sense. */
const LONGEST = 64;

/** An HTTP date is in GMT and begins with a day's name; what else Date.parse would guess is no date here. */
function dateMs(text: string): number {
  return /^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}.* ?GMT$/.test(text) ? Date.parse(text) : Number.NaN;
}
