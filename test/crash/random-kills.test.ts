/** Processes are killed at random moments, again and again; nothing is lost, nothing is stranded, nothing happens twice. */
import { afterEach, expect, onTestFailed, test } from 'vitest';
import { chanceOf } from './support/chance.ts';
import { judge } from './support/judge.ts';
import { storm } from './support/storm.ts';
import { World } from './support/world.ts';

let world: World;
afterEach(() => world.dispose());

test.each([
  { processes: 1, rounds: 20, runsARound: 15 },
  { processes: 2, rounds: 20, runsARound: 15 },
])(
  '300 runs come to their right end through 20 kills of $processes process(es) on one file',
  async (plan) => {
    world = new World();
    const chance = chanceOf();
    onTestFailed(() => process.stderr.write(`PAWL_CRASH_SEED=${chance.seed}\n`));
    const { kills, runs } = await storm({ world, chance, ...plan });
    const verdict = await judge(world);
    process.stderr.write(
      `${JSON.stringify({ kills, seed: chance.seed, ...verdict, problems: verdict.problems.slice(0, 20) })}\n`,
    );
    expect(verdict.problems).toEqual([]);
    expect({ kills, runs }).toEqual({ kills: plan.rounds, runs: plan.rounds * plan.runsARound });
  },
);
