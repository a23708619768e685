/** Simulated worlds on a real PostgreSQL server: the rules are the same, and a seed is the same world each time. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPostgres } from '../postgres/server.ts';
import { keptCases } from './kept-cases.ts';
import { type Family, runPlan, runSeed } from './run-seed.ts';
import { runSeeds } from './run-seeds.ts';
import { openPostgresGrounds, type PostgresGrounds } from './world/postgres-ground.ts';

let grounds: PostgresGrounds;

beforeAll(async () => {
  if (hasPostgres()) grounds = await openPostgresGrounds();
});
afterAll(() => grounds?.close());

const FAMILIES: readonly (readonly [Family, number])[] = [
  ['functions', 4],
  ['graphs', 2],
  ['tasks', 2],
];

describe.skipIf(!hasPostgres())('a simulated world on PostgreSQL', () => {
  test.each(FAMILIES)('of %s breaks no rule in the first %i seeds', async (family, seeds) => {
    const broken: unknown[] = [];
    await runSeeds({
      from: 1,
      seeds,
      family,
      newGround: grounds.newGround,
      onFailure: (seed, violation) => void broken.push({ seed, ...violation }),
    });
    expect(broken).toEqual([]);
  });

  test.each(keptCases)('that once failed on SQLite breaks no rule: $reason', async ({ plan }) => {
    expect((await runPlan(plan, grounds)).violation).toBeUndefined();
  });

  test('is the same in every step when it is run again', async () => {
    const first = await runSeed(9, grounds);
    expect(await runSeed(9, grounds)).toEqual(first);
  });
});
