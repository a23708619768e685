/** No query of the SQLite store reads more than it answers: each is served by an index, and never by sorting what may be long. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrations } from '../../packages/pawl/src/store/sqlite/migrations/list.ts';

const folder = join(import.meta.dirname, '../../packages/pawl/src/store/sqlite/queries');
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
const db = new DatabaseSync(':memory:');

beforeAll(() => {
  db.exec(
    'create table migrations (version integer primary key, hash text not null, applied_at integer not null)',
  );
  for (const script of migrations) db.exec(script);
});
afterAll(() => db.close());

/** Tables that stay small, and are read whole: a row a live engine, a release, a kind of work. */
const SMALL = ['workers', 'migrations', 'lanes', 'w'];
/** A scan of these is bounded by the query itself. */
const BOUNDED = ['seen', 'driving', 'executing', 'json_each', 'answers', 'half'];
/** Looks through all blobs, when everything else was looked at: once an hour, and again while it finds a thousand. */
const READS_WHOLE = ['deleteBlobs'];

function isBounded(step: string): boolean {
  const scanned = /^SCAN (\w+)/.exec(step)?.[1];
  if (scanned !== undefined) return [...SMALL, ...BOUNDED].includes(scanned) || /CONSTANT|VIRTUAL/.test(step);
  return !step.includes('TEMP B-TREE');
}

function stepsOf(sql: string): string[] {
  return db
    .prepare(`explain query plan ${sql}`)
    .all()
    .map((row) => String(row['detail']));
}

interface Named {
  readonly sql: string;
}

function isNamed(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && 'sql' in value;
}

/** These sort the open waits of one run, the engines, the versions of one workflow; nothing else may sort. */
const SORTS_FEW = [
  'listRunWaits',
  'selectSignalWait',
  'selectWorkers',
  'selectForgotten',
  'selectLatestWorkflow',
];

describe('the plan of every query', () => {
  test.each(files)('in %s is bounded', async (file) => {
    const module = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>;
    const queries = Object.entries(module).flatMap(([name, value]) =>
      isNamed(value) ? [[name, value.sql] as const] : [],
    );
    for (const [name, sql] of queries) {
      if (READS_WHOLE.includes(name)) continue;
      const unbounded = stepsOf(sql).filter((step) => !isBounded(step));
      const allowed = SORTS_FEW.includes(name)
        ? unbounded.filter((step) => !step.includes('TEMP B-TREE'))
        : unbounded;
      expect(allowed, `${name}: ${sql}`).toEqual([]);
    }
  });

  test('would show a scan', () => {
    expect(stepsOf("select num from runs where status = 'queued'").every(isBounded)).toBe(false);
    expect(stepsOf('select num from runs order by updated_at').every(isBounded)).toBe(false);
  });
});
