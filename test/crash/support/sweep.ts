/** Kills a process before and after each single transaction of its life, and has another one finish what it left. */
import type { Engine } from '../../../packages/pawl/src/index.ts';
import { judge } from './judge.ts';
import type { WorkerProcess } from './worker-process.ts';
import { type AskedRun, unlessGone, World } from './world.ts';

export interface Life {
  /** Where each life is lived; a new database file each when left out. */
  readonly world?: () => Promise<World>;
  readonly runs: readonly AskedRun[];
  /** From the start of the runs to their ends. */
  readonly live: (world: World, worker: WorkerProcess) => Promise<void>;
  /** Another process asks for everything once more and drives what is left. */
  readonly recover: (engine: Engine) => Promise<void>;
}

export interface Sweep {
  readonly problems: readonly string[];
  /** Deaths, and the one life that came to its end. */
  readonly lives: number;
}

/** @param look at each world that was judged, before it goes. */
export async function sweep(life: Life, look: (world: World) => void = () => undefined): Promise<Sweep> {
  const problems: string[] = [];
  let next = 1;
  let isOver = false;
  const lane = async (): Promise<void> => {
    while (!isOver) {
      const moment = next++;
      const world = (await life.world?.()) ?? new World();
      try {
        isOver = (await livesUntil(world, life, moment)) || isOver;
        world.asked.splice(0, world.asked.length, ...life.runs);
        await world.driven(life.recover);
        const verdict = await judge(world);
        problems.push(...verdict.problems.map((problem) => `killed at moment ${moment}: ${problem}`));
        look(world);
      } finally {
        await world.dispose();
      }
    }
  };
  await Promise.all([lane(), lane()]);
  return { problems, lives: next - 1 };
}

/** Lives until its n-th moment; true where it came to its end. */
async function livesUntil(world: World, life: Life, moment: number): Promise<boolean> {
  const worker = await world.worker({ dieAtMoment: moment });
  const whole = async (): Promise<true> => {
    await life.live(world, worker);
    await worker.close();
    return true;
  };
  const hasEnded = await unlessGone(whole());
  return hasEnded === true && (await worker.gone).signal === null;
}
