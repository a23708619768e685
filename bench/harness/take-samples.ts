/** Measures both sides of one workload in turn, after a warm-up: A B A B. */
import { inFreshFolder } from './data-folder.ts';
import { untilCalm, watchOthers } from './load.ts';
import type { Sample, Side, Workload } from './workload.ts';

export interface SampleOptions {
  readonly pairs: number;
  readonly finishedRuns: number;
  /** How long to wait, before each pair, for the rest of the machine to be calm. */
  readonly waitSeconds: number;
}

/** All samples of a workload, and for each pair the share of the machine that others used. */
export interface Samples {
  readonly floor: readonly Sample[];
  readonly pawl: readonly Sample[];
  readonly others: readonly number[];
}

export async function takeSamples(workload: Workload, options: SampleOptions): Promise<Samples> {
  const sides = workload.floor === undefined ? [workload.pawl] : [workload.floor, workload.pawl];
  if (workload.isCold !== true) for (const side of sides) await measureOnce(side, workload, options);
  const taken: Sample[][] = sides.map(() => []);
  const others: number[] = [];
  for (let pair = 0; pair < (workload.pairs ?? options.pairs); pair++) {
    await untilCalm(options.waitSeconds);
    const othersMeanwhile = watchOthers();
    for (const [index, side] of sides.entries())
      taken[index]?.push(await measureOnce(side, workload, options));
    others.push(othersMeanwhile());
  }
  const pawl = taken.at(-1) ?? [];
  return { floor: workload.floor === undefined ? [] : (taken[0] ?? []), pawl, others };
}

function measureOnce(side: Side, { id }: Workload, { finishedRuns }: SampleOptions): Promise<Sample> {
  return inFreshFolder(id, async (folder) => {
    const bed = await side({ folder, finishedRuns });
    globalThis.gc?.(); // what came before is not this one's to clean up
    try {
      return await bed.measure();
    } finally {
      await bed.close();
    }
  });
}
