/** No password in a message. */
import { expect, test } from 'vitest';
import { withoutCredentials } from './without-credentials.ts';

test.each([
  ['postgres://ana:secret@host/db', 'postgres://host/db'],
  ['postgres://ana:se/cr@et@host/db', 'postgres://host/db'],
  ['POSTGRES://ana:secret@a/db,postgres://ana:secret@b/db', 'POSTGRES://b/db'],
  ['sqlite:a@b.db', 'sqlite:a@b.db'],
])('%s is shown as %s', (url, shown) => {
  expect(withoutCredentials(url)).toBe(shown);
});
