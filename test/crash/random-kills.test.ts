/** Processes are killed at random moments, again and again; nothing is lost, nothing is stranded, nothing happens twice. */
import { afterEach, expect, test } from 'vitest';
import { judge } from './support/judge.ts';
import { playRound } from './support/round.ts';
import { storm } from './support/storm.ts';
import { World } from './support/world.ts';

let world: World;
afterEach(() => world.dispose());

/** Runs that are started before each kill. */
const RUNS_A_KILL = Number(process.env['PAWL_FAULT_RUNS'] ?? 15);

test.each([
  { kills: 20, processes: 1 },
  { kills: 8, processes: 2 },
  { kills: 6, processes: 4 },
])(
  'P5: runs come to their right end through $kills kills of $processes process(es) on one file',
  async ({ kills, processes }) => {
    await playRound(`${processes} process(es) on one file`, async (chance) => {
      world = new World();
      const report = await storm({ world, chance, processes, rounds: kills, runsARound: RUNS_A_KILL });
      const { problems, firings, repeats, lost } = await judge(world);
      expect(problems).toEqual([]);
      expect(report).toEqual({ kills, runs: kills * RUNS_A_KILL });
      await world.dispose();
      return { ...report, effects: firings, 'effects repeated': repeats, 'attempts lost': lost };
    });
  },
);
