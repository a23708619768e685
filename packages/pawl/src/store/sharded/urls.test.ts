/** URLs of several clusters, and what looks like them. */
import { expect, test } from 'vitest';
import { clusterUrls } from './urls.ts';

test('one host is one cluster, whatever its password and its parameters hold', () => {
  for (const url of [
    'postgres://h/db',
    'postgresql://ada:a,b@h:5432/db?options=a,b',
    'postgres://ada@[::1]:5432/db',
    'postgres:///db?host=/tmp/a,b',
  ])
    expect(clusterUrls(url)).toEqual([url]);
});

test('several URLs are as many clusters, each with its own user, database and parameters', () => {
  const urls = ['postgres://ada:x,y@a:1/one?sslmode=require', 'postgresql://b/two', 'postgres://c:3/three'];
  expect(clusterUrls(urls.join(','))).toEqual(urls);
});

test('several hosts are as many clusters with the same user, database and parameters', () => {
  expect(clusterUrls('postgres://ada:p,q@a:1,b,[::1]:3/db?sslmode=require')).toEqual([
    'postgres://ada:p,q@a:1/db?sslmode=require',
    'postgres://ada:p,q@b/db?sslmode=require',
    'postgres://ada:p,q@[::1]:3/db?sslmode=require',
  ]);
  expect(clusterUrls('postgres://a,b/db,postgres://c/db').length).toBe(3);
});

test.each([
  ['a cluster that fails over is not several', 'postgres://a,b/db?target_session_attrs=read-write'],
  ['one that is named twice', 'postgres://a/db,postgres://ada:secret@a/db'],
  ['one without a name', 'postgres://a,,b/db'],
])('%s is refused, without its password', (_what, url) => {
  expect(() => clusterUrls(url)).toThrow(expect.objectContaining({ code: 'STORE_URL_INVALID' }));
  expect(() => clusterUrls(url)).not.toThrow(/secret/);
});
