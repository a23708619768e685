/** Seeded worlds in which everything goes wrong: the engine keeps its promises in all of them, and a broken one is noticed. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { keptCases } from './kept-cases.ts';
import { mutations } from './mutations/all.ts';
import { mutate } from './mutations/mutation.ts';
import { makePlan } from './plan/make-plan.ts';
import type { Plan } from './plan/plan.ts';
import { shrink } from './plan/shrink.ts';
import { runPlan, runSeed } from './run-seed.ts';
import { runSeeds } from './run-seeds.ts';

const BLOCK = 50;
const BLOCKS = Array.from({ length: 8 }, (_, index) => 1 + index * BLOCK);

describe('a simulated world', () => {
  test.each(BLOCKS)('breaks no rule in the fifty seeds from %i on', async (from) => {
    const broken: unknown[] = [];
    await runSeeds({
      from,
      seeds: BLOCK,
      onFailure: (seed, violation) =>
        void broken.push({ again: `npm run simulate -- --seed ${seed}`, ...violation }),
    });
    expect(broken).toEqual([]);
  });

  test.each([1, 51, 101])('of graphs breaks no rule in the fifty seeds from %i on', async (from) => {
    const broken: unknown[] = [];
    await runSeeds({
      from,
      seeds: BLOCK,
      family: 'graphs',
      onFailure: (seed, violation) =>
        void broken.push({ again: `npm run simulate -- --graphs --seed ${seed}`, ...violation }),
    });
    expect(broken).toEqual([]);
  });

  test.each([1, 51])('of tasks breaks no rule in the fifty seeds from %i on', async (from) => {
    const broken: unknown[] = [];
    await runSeeds({
      from,
      seeds: BLOCK,
      family: 'tasks',
      onFailure: (seed, violation) =>
        void broken.push({ again: `npm run simulate -- --tasks --seed ${seed}`, ...violation }),
    });
    expect(broken).toEqual([]);
  });

  test.each(keptCases)('that once failed breaks no rule: $reason', async ({ plan }) => {
    expect((await runPlan(plan)).violation).toBeUndefined();
  });

  test('is the same in every step when it is run again', async () => {
    const first = await runSeed(4);
    expect(await runSeed(4)).toEqual(first);
    expect((await runSeed(5)).hash).not.toBe(first.hash);
  });
});

describe('a mutation', () => {
  test.each(mutations)('"$id" fits the sources', (mutation) => {
    for (const { file } of mutation.edits) {
      const text = readFileSync(new URL(`../../packages/pawl/src/${file}`, import.meta.url), 'utf8');
      expect(mutate(mutation, file, text)).not.toBe(text);
    }
  });

  test('is found, and the command to play it again is printed', () => {
    const simulate = fileURLToPath(new URL('simulate.ts', import.meta.url));
    const register = new URL('mutations/register.ts', import.meta.url).href;
    const flags = ['--disable-warning=ExperimentalWarning', '--import', register];
    const { status, stdout } = spawnSync(
      process.execPath,
      [...flags, simulate, '--first', '--seeds', '200'],
      {
        env: { ...process.env, SIMULATION_MUTATION: 'A3 due' },
        encoding: 'utf8',
      },
    );
    expect(stdout).toMatch(/seed \d+ breaks "stuck".*\n.*npm run simulate -- --seed \d+/);
    expect(status).toBe(1);
  });
});

describe('a plan that fails', () => {
  test('is made smaller as long as it goes on failing', async () => {
    const plan = plansWith(3);
    const breaks = async ({ faults, programs }: Plan): Promise<boolean> =>
      faults.some((fault) => fault.type === 'kill') && programs.length > 0;
    const smaller = await shrink(plan, breaks);
    expect(smaller.programs.map(({ ops }) => ops.map((op) => op.id))).toEqual([['begin']]);
    expect(smaller.faults.map((fault) => fault.type)).toEqual(['kill']);
    expect(smaller.acts).toEqual([]);
  });
});

/** The first plan with a kill, something else that goes wrong, and so many programs. */
function plansWith(programs: number): Plan {
  for (let seed = 1; ; seed++) {
    const plan = makePlan(seed);
    const kinds = new Set(plan.faults.map((fault) => fault.type));
    if (plan.programs.length === programs && kinds.has('kill') && kinds.size > 1) return plan;
  }
}
