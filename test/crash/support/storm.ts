/** A storm: runs are started, signalled and driven while the processes that do so are killed at moments that nobody chose. */
import type { Chance } from './chance.ts';
import type { TimePlan } from './protocol.ts';
import type { WorkerProcess } from './worker-process.ts';
import { type AskedRun, unlessGone, type World } from './world.ts';

export interface StormPlan {
  readonly world: World;
  readonly chance: Chance;
  /** Processes that work at the same time. */
  readonly processes: number;
  readonly rounds: number;
  readonly runsARound: number;
}

/** Polls and looks for the dead come ten times as often, so that a test does not wait for them. */
export const HURRY: TimePlan = { hurry: 10 };

export interface StormReport {
  readonly kills: number;
  readonly runs: number;
}

/**
 * Rounds of starts and kills, then calm: what is left is driven to its end and every process closes. Before every fourth round
 * everything that was asked for comes to its end, so that no run is killed five times in a row without a fault of its own.
 */
export async function storm(plan: StormPlan): Promise<StormReport> {
  const { world, chance, rounds } = plan;
  let alive = crew(plan, []);
  for (let round = 0; round < rounds; round += 1) {
    if (round % 4 === 3) await finishAll(world, alive);
    const asking = askAll(world, { runs: askFor(plan, round), worker: chance.oneOf(alive) });
    const victim = chance.oneOf(alive);
    await momentOf(victim, chance);
    await world.kill(victim);
    await asking;
    alive = crew(plan, alive);
  }
  await finishAll(world, alive);
  await Promise.all(alive.map((worker) => worker.close()));
  return { kills: rounds, runs: world.asked.length };
}

/** Those who live, and new ones for those who do not. */
function crew({ world, processes }: StormPlan, former: readonly WorkerProcess[]): WorkerProcess[] {
  const alive = former.filter((worker) => !worker.isGone);
  while (alive.length < processes) alive.push(world.spawn({ time: HURRY }));
  return alive;
}

/** All runs are asked for once more, all signals sent once more; everything ends. */
async function finishAll(world: World, [first]: readonly WorkerProcess[]): Promise<void> {
  if (!first) return;
  await first.ready();
  await askAll(world, { runs: world.asked, worker: first });
  await first.call(
    'results',
    world.asked.map(({ id }) => id),
  );
}

/** Either so many effects after now, or so many milliseconds: also while it opens its store, claims, or starts runs. */
async function momentOf(victim: WorkerProcess, chance: Chance): Promise<void> {
  if (chance.percent(50)) {
    const wanted = victim.firings.length + chance.between(1, 60);
    await Promise.race([unlessGone(victim.heard(() => victim.firings.length >= wanted)), chance.moment(600)]);
    return;
  }
  await chance.moment(chance.between(0, 300));
}

function askFor({ world, chance, runsARound }: StormPlan, round: number): AskedRun[] {
  const runs = mixedRuns(chance, runsARound, `r${round}`);
  world.asked.push(...runs);
  return runs;
}

/** Runs of several workflows, by chance. */
export function mixedRuns(chance: Chance, count: number, prefix: string): AskedRun[] {
  return Array.from({ length: count }, (_, index) => runOf(chance, `${prefix}-${index}`));
}

function runOf(chance: Chance, id: string): AskedRun {
  const kind = chance.between(1, 10);
  if (kind <= 6)
    return { id, workflow: 'chain', input: { steps: chance.between(2, 8), ms: chance.oneOf([0, 5, 40]) } };
  if (kind <= 8) return { id, workflow: 'tree', input: { items: chance.between(1, 4) } };
  const signals = chance.between(1, 3);
  return {
    id,
    workflow: 'waiter',
    input: { signals },
    output: Array.from({ length: signals }, (_, index) => index),
  };
}

interface Asking {
  readonly runs: readonly AskedRun[];
  readonly worker: WorkerProcess;
}

/** Starts runs and sends their signals; what a dying process leaves open is asked for again when all is calm. */
export async function askAll(world: World, { runs, worker }: Asking): Promise<void> {
  await Promise.all(
    runs.map(async (run) => {
      if ((await unlessGone(world.start(worker, run))) === undefined || run.workflow !== 'waiter') return;
      for (let index = 0; index < (run.input as { signals: number }).signals; index += 1) {
        await unlessGone(worker.call('signal', run.id, index, `go-${index}`));
      }
    }),
  );
}
