/** No query of the PostgreSQL store reads more than it answers: each is served by an index, however long the tables grow. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropDatabase, newDatabase, onServer } from '../postgres/databases.ts';
import { hasPostgres } from '../postgres/server.ts';

const folder = join(import.meta.dirname, '../../packages/pawl/src/store/postgres/queries');
const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
/** `explain (generic_plan)`, which asks for no values, came with PostgreSQL 16. */
const hasPlans = hasPostgres() && (await serverVersion()) >= 160_000;
if (!hasPlans) process.stderr.write('not looked at, the plans of queries: that needs PostgreSQL 16\n');
let url = '';

beforeAll(async () => {
  if (hasPlans) url = await newDatabase();
});
afterAll(async () => {
  if (hasPlans) await dropDatabase(url);
});

async function serverVersion(): Promise<number> {
  return onServer(async (client) => {
    const sql = `select current_setting('server_version_num')::int as version`;
    return (await client.query<{ version: number }>(sql)).rows[0]?.version ?? 0;
  });
}

/** Tables that stay small, and are read whole: a row a live engine, a release, a kind of work. */
const SMALL = ['workers', 'migrations', 'lanes', 'task_lanes'];

/** Statements that have no plan, or are a call of one of our functions. */
function hasPlan(sql: string): boolean {
  return (
    /^\s*(?:select|with|insert|update|delete|\()/i.test(sql) && !/pawl\.(?:commit|free|register)_1/.test(sql)
  );
}

/** Scans of whole tables that would be long, where the planner may take them only if nothing else will do. */
async function scansOf(sql: string): Promise<string[]> {
  return onServer(async (client) => {
    await client.query('set enable_seqscan = off; set enable_bitmapscan = off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${sql}`);
    return rows
      .map((row) => row['QUERY PLAN'].trim())
      .filter((line) => {
        const scanned = /Seq Scan on (\w+)/.exec(line)?.[1];
        return scanned !== undefined && !SMALL.includes(scanned);
      });
  }, url);
}

interface Named {
  readonly sql: string;
}

function isNamed(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && 'sql' in value;
}

describe.skipIf(!hasPlans)('the plan of every query', () => {
  test.each(files)('in %s is bounded', async (file) => {
    const module = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>;
    for (const value of Object.values(module))
      if (isNamed(value) && hasPlan(value.sql)) expect(await scansOf(value.sql), value.sql).toEqual([]);
  });

  test('would show a scan', async () => {
    expect(await scansOf('select num from pawl.runs where status = 1')).toHaveLength(1);
  });
});
