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

/** Rounds of starts and kills, then calm: what is left is driven to its end and every process closes. */
export async function storm(plan: StormPlan): Promise<StormReport> {
  const { world, chance, processes, rounds } = plan;
  let kills = 0;
  let alive: WorkerProcess[] = [];
  for (let round = 0; round < rounds; round += 1) {
    while (alive.length < processes) alive.push(world.spawn({ time: HURRY }));
    const asked = askFor(plan, round);
    const asking = askAll(world, { runs: asked, worker: chance.oneOf(alive) });
    const victim = chance.oneOf(alive);
    await momentOf(victim, chance);
    await world.kill(victim);
    kills += 1;
    await asking;
    alive = alive.filter((worker) => !worker.isGone);
  }
  while (alive.length < processes) alive.push(world.spawn({ time: HURRY }));
  await calm(world, alive);
  return { kills, runs: world.asked.length };
}

/** All runs are asked for once more, all signals sent once more; everything ends. */
async function calm(world: World, alive: readonly WorkerProcess[]): Promise<void> {
  const [first] = alive;
  if (!first) return;
  await Promise.all(alive.map((worker) => worker.ready()));
  await askAll(world, { runs: world.asked, worker: first });
  await world.opened((engine) => Promise.all(world.asked.map(({ id }) => engine.handle(id).result())));
  await Promise.all(alive.map((worker) => worker.close()));
}

/** Either so many effects after now, or so many milliseconds: also while it opens its store or starts runs. */
async function momentOf(victim: WorkerProcess, chance: Chance): Promise<void> {
  if (chance.percent(50)) {
    const wanted = victim.firings.length + chance.between(1, 60);
    await Promise.race([unlessGone(victim.heard(() => victim.firings.length >= wanted)), elapsed(600)]);
    return;
  }
  await elapsed(chance.between(0, 300));
}

/** Not a wait for anything: the moment of a kill. */
function elapsed(ms: number): Promise<unknown> {
  return new Promise((resolve) => {
    AbortSignal.timeout(ms).addEventListener('abort', resolve, { once: true });
  });
}

function askFor({ world, chance, runsARound }: StormPlan, round: number): AskedRun[] {
  const runs = Array.from({ length: runsARound }, (_, index) => runOf(chance, `r${round}-${index}`));
  world.asked.push(...runs);
  return runs;
}

function runOf(chance: Chance, id: string): AskedRun {
  const kind = chance.between(1, 10);
  if (kind <= 6)
    return { id, workflow: 'chain', input: { steps: chance.between(2, 8), ms: chance.oneOf([0, 5, 40]) } };
  if (kind <= 8) return { id, workflow: 'tree', input: { items: chance.between(1, 4) } };
  return { id, workflow: 'waiter', input: { signals: chance.between(1, 3) } };
}

interface Asking {
  readonly runs: readonly AskedRun[];
  readonly worker: WorkerProcess;
}

/** Starts runs and sends their signals; what a dying process leaves open is asked for again when all is calm. */
async function askAll(world: World, { runs, worker }: Asking): Promise<void> {
  await Promise.all(
    runs.map(async (run) => {
      if ((await unlessGone(world.start(worker, run))) === undefined || run.workflow !== 'waiter') return;
      for (let index = 0; index < (run.input as { signals: number }).signals; index += 1) {
        await unlessGone(worker.call('signal', run.id, 'go', index, `go-${index}`));
      }
    }),
  );
}
