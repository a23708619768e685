/** Processes are killed at random moments, again and again; nothing is lost, nothing is stranded, nothing happens twice. */
import { afterEach, expect, test } from 'vitest';
import { seededChance } from './support/chance.ts';
import { judge } from './support/judge.ts';
import { storm } from './support/storm.ts';
import { World } from './support/world.ts';

let world: World;
afterEach(() => world.dispose());

test.each([{ processes: 1 }, { processes: 2 }])(
  'P5: 300 runs come to their right end through 20 kills of $processes process(es) on one file',
  async ({ processes }) => {
    world = new World();
    const plan = { processes, rounds: 20, runsARound: 15 };
    const report = await storm({ world, chance: seededChance(), ...plan });
    expect((await judge(world)).problems).toEqual([]);
    expect(report).toEqual({ kills: 20, runs: 300 });
  },
);
