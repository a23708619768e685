/** Promises of Retry-After: seconds and dates, and nothing guessed. */
import { expect, test } from 'vitest';
import { parseRetryAfter } from './retry-after.ts';

const now = Date.UTC(2026, 0, 1, 12, 0, 0);
const dayMs = 86_400_000;
const parse = (header: string | undefined) => parseRetryAfter(header, now, dayMs);

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 3 ', 3_000],
  ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
  ['Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
  ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
  ['99999999999', dayMs],
  ['Fri, 01 Jan 2100 00:00:00 GMT', dayMs],
])('the header "%s" is understood', (header, waitMs) => {
  expect(parse(header)).toBe(waitMs);
});

test.each([undefined, '', 'soon', '-1', '1.5', '2026-01-01', 'Thu, 99 Xyz 2026 12:00:30 GMT'])(
  'the header "%s" says nothing',
  (header) => {
    expect(parse(header)).toBeUndefined();
  },
);
