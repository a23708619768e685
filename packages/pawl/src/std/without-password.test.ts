/** Promises that nobody is shown a password. */
import { expect, test } from 'vitest';
import { withoutPassword } from './without-password.ts';

test.each([
  ['postgres://ada:s:e@db.local/work', 'postgres://ada@db.local/work'],
  ['postgres://ada:s@a/w,postgres://ada:e,f@b/w', 'postgres://ada@a/w,postgres://ada@b/w'],
  ['postgres://ada:s@a:1,[::1]:2/w?sslmode=require', 'postgres://ada@a:1,[::1]:2/w?sslmode=require'],
  ['postgres://a/w?user=ada&password=s&sslmode=require', 'postgres://a/w?user=ada&sslmode=require'],
  ['postgres://a/w?password=s', 'postgres://a/w'],
])('%s is shown as %s', (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});

test.each([
  'postgres://db.local:5433,[::1]:2/work?options=a@b',
  'postgres://ada@db.local:5433/work',
  'postgres:///work?host=/tmp/a@b',
  'sqlite:a:b@c',
  '',
])('%j has none and stays as it is', (url) => {
  expect(withoutPassword(url)).toBe(url);
});

test.each([
  'postgres://ada:sec/ret@db/work',
  'postgres://ada:12/secret@db/work',
  'postgres://ada:sec#secret@db/work',
  'postgres://ada:sec?secret@db/work',
  'postgres://ada:sec@secret@db/work',
  'postgres://ada:sec\nsecret@db/work',
  'POSTGRES://ada:secret@db/work',
  'mysql://ada:secret@db/work',
])('%j is wrong, and shown without it all the same', (url) => {
  expect(withoutPassword(url)).toMatch(/^\w+:\/\/ada@db\/work$/);
});
