/** The power is cut at any instant: what was answered before it is on the disk, and the next process goes on from there. */
import { afterEach, expect, test } from 'vitest';
import type { Chance } from './support/chance.ts';
import {
  type DiskImage,
  imageOfRunning,
  imageOfStopped,
  generationIn,
  torn,
  writeImage,
} from './support/disk-image.ts';
import { endProblems, readRuns, storeProblems } from './support/judge.ts';
import { playRound } from './support/round.ts';
import { HURRY } from './support/storm.ts';
import type { WorkerProcess } from './support/worker-process.ts';
import { type AskedRun, World } from './support/world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.dispose();
});

/** Instants at which the power is cut in a round, at least, and every how-manyth image is driven to the end. */
const CUTS = 40;
const DRIVEN = 6;
/** Cuts go on until checkpoints have fallen between them. */
const GENERATIONS = 4;
/** Fills pages, so that they come soon. */
const BALLAST = 'x'.repeat(20_000);

/** What had been answered when the power was cut. */
interface Answered {
  readonly started: readonly AskedRun[];
  readonly ended: readonly AskedRun[];
}

interface Load extends Answered {
  /** Stops asking; resolves when everything asked for has ended. */
  stop(): Promise<void>;
}

function newWorld(): World {
  const world = new World();
  worlds.push(world);
  return world;
}

/** Keeps both processes busy with new runs until it is stopped. */
function load(world: World, workers: readonly WorkerProcess[]): Load {
  const started: AskedRun[] = [];
  const ended: AskedRun[] = [];
  const over = new AbortController();
  let count = 0;
  const lane = async (worker: WorkerProcess): Promise<void> => {
    while (!over.signal.aborted) {
      const id = `run-${count++}`;
      const run: AskedRun =
        count % 4 === 0
          ? { id, workflow: 'tree', input: { items: 2, ballast: BALLAST } }
          : { id, workflow: 'chain', input: { steps: 6, ms: 0, ballast: BALLAST } };
      await world.start(worker, run);
      started.push(run);
      await worker.call('results', [id]);
      ended.push(run);
    }
  };
  const lanes = Promise.all([...workers, ...workers, ...workers].map(lane));
  return {
    started,
    ended,
    stop: async () => {
      over.abort();
      await lanes;
    },
  };
}

interface Cut {
  readonly image: DiskImage;
  readonly answered: Answered;
}

/** What was answered is noted first: whatever is answered while the files are being read may be missing from them. */
async function cutPower(
  world: World,
  workers: readonly WorkerProcess[],
  at: Load & { chance: Chance },
): Promise<Cut> {
  for (;;) {
    const answered = { started: [...at.started], ended: [...at.ended] };
    const image = at.chance.percent(50)
      ? await imageOfStopped(world.store, workers)
      : imageOfRunning(world.store);
    if (image) return { image: torn(image, at.chance), answered };
  }
}

async function problemsOf({ image, answered }: Cut, isDriven: boolean): Promise<readonly string[]> {
  const world = newWorld();
  writeImage(image, world.store);
  const runs = await readRuns(world);
  const problems = [
    ...storeProblems(world, runs),
    ...answered.started
      .filter(({ id }) => !runs.has(id))
      .map(({ id }) => `run ${id} was answered for and is gone`),
    ...answered.ended.flatMap((run) => endProblems(run, runs.get(run.id))),
  ];
  if (isDriven && problems.length === 0) problems.push(...(await endsOf(world, answered)));
  await world.dispose();
  return problems;
}

/** The next process drives what the image holds; every run that was answered for comes to its right end. */
async function endsOf(world: World, { started }: Answered): Promise<readonly string[]> {
  await world.driven((engine) => Promise.all(started.map(({ id }) => engine.handle(id).result())));
  const runs = await readRuns(world);
  return [...storeProblems(world, runs), ...started.flatMap((run) => endProblems(run, runs.get(run.id)))];
}

test('after a power cut at any instant everything that was answered is there, all logs fold, and every run comes to its right end', async () => {
  await playRound('power cuts', async (chance) => {
    const world = newWorld();
    const workers = await Promise.all([1, 2].map(() => world.worker({ time: HURRY })));
    const asking = load(world, workers);
    const cuts: Cut[] = [];
    const generations = new Set<string>();
    while (cuts.length < CUTS || generations.size < GENERATIONS) {
      await chance.moment(cuts.length < CUTS ? chance.between(5, 60) : 300);
      const cut = await cutPower(world, workers, { ...asking, chance });
      generations.add(generationIn(cut.image));
      cuts.push(cut);
    }
    await asking.stop();
    await Promise.all(workers.map((worker) => worker.close()));
    const problems: string[] = [];
    for (const [index, cut] of cuts.entries()) {
      const found = await problemsOf(cut, index % DRIVEN === 0);
      problems.push(...found.map((problem) => `cut ${index}: ${problem}`));
    }
    expect(problems).toEqual([]);
    return { cuts: cuts.length, runs: asking.ended.length };
  });
});
