/** Promises of which store a command means, and of which stores are made. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseStoreUrl, prepareStore, requireStore, storeOf, tenantOf } from './store-location.ts';

const folder = mkdtempSync(join(tmpdir(), 'pawl-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the store of a command', () => {
  test('is --store, else PAWL_STORE, else the default', () => {
    expect(storeOf('sqlite:a', { PAWL_STORE: 'sqlite:b' })).toEqual({
      store: 'sqlite:a',
      isStoreNamed: true,
    });
    expect(storeOf(undefined, { PAWL_STORE: 'sqlite:b' })).toEqual({ store: 'sqlite:b', isStoreNamed: true });
    expect(storeOf(undefined, { PAWL_STORE: '' })).toEqual({
      store: 'sqlite:.pawl/pawl.db',
      isStoreNamed: false,
    });
  });
});

describe('the URL of a store', () => {
  test('names a file or memory', () => {
    expect(parseStoreUrl('sqlite:data/a b.db')).toEqual({ kind: 'file', file: 'data/a b.db' });
    expect(parseStoreUrl('sqlite::memory:')).toEqual({ kind: 'memory' });
  });

  test('names a database on a server', () => {
    for (const url of ['postgres://x', 'postgresql://ada:secret@db.local:5433/work?sslmode=require'])
      expect(parseStoreUrl(url)).toEqual({ kind: 'server' });
  });

  test.each(['', 'pawl.db', 'sqlite:', 'sqlite::other:', 'postgres://', 'mysql://x', 'SQLITE:a'])(
    'is never %j',
    (url) => {
      expect(() => parseStoreUrl(url)).toThrow(`"${url}" is not a store.`);
    },
  );
});

describe('a command that looks or acts', () => {
  test('refuses a database that nobody has made', () => {
    const file = join(folder, 'none.db');
    expect(() => requireStore(`sqlite:${file}`)).toThrow(`There is no database ${file}.`);
    expect(() => requireStore('sqlite::memory:')).toThrow('There is no database in memory');
    expect(existsSync(file)).toBe(false);
  });

  test('accepts a file that exists', () => {
    const file = join(folder, 'there.db');
    writeFileSync(file, '');
    expect(() => requireStore(`sqlite:${file}`)).not.toThrow();
  });
});

describe('a command that may make a database', () => {
  test('makes its folder, and nothing in it', () => {
    const file = join(folder, 'new', 'deep', 'a.db');
    prepareStore(`sqlite:${file}`);
    expect(existsSync(join(folder, 'new', 'deep'))).toBe(true);
    expect(existsSync(file)).toBe(false);
  });

  test('keeps the default folder out of version control', () => {
    const before = process.cwd();
    process.chdir(folder);
    prepareStore('sqlite:.pawl/pawl.db');
    process.chdir(before);
    expect(readFileSync(join(folder, '.pawl', '.gitignore'), 'utf8')).toBe('*\n');
  });

  test('says so where a file stands in the way of the folder', () => {
    const file = join(folder, 'plain');
    writeFileSync(file, '');
    expect(() => prepareStore(`sqlite:${join(file, 'sub', 'a.db')}`)).toThrow('cannot be written');
  });
});

describe('the tenant of a command', () => {
  test('is --tenant, else PAWL_TENANT, else the default one', () => {
    expect(tenantOf('acme', { PAWL_TENANT: 'other' })).toBe('acme');
    expect(tenantOf(undefined, { PAWL_TENANT: 'other' })).toBe('other');
    expect(tenantOf(undefined, { PAWL_TENANT: '' })).toBe('default');
    expect(tenantOf(undefined, {})).toBe('default');
  });
});
