/** Measures both sides of one workload in turn, after a warm-up: A B A B. */
import { inFreshFolder } from './data-folder.ts';
import { CALM_SHARE, untilCalm, watchOthers } from './load.ts';
import { median } from './statistics.ts';
import type { Server } from '../postgres/server.ts';
import type { Sample, Side, Workload } from './workload.ts';

export interface SampleOptions {
  readonly pairs: number;
  readonly finishedRuns: number;
  /** How long to look for calm moments: more pairs are measured then, and the calmest ones count. */
  readonly waitSeconds: number;
  readonly server?: Server | undefined;
}

/** Both sides, measured one right after the other. */
export interface Pair {
  readonly floor: Sample | undefined;
  readonly pawl: Sample;
  /** The share of the machine that others used meanwhile. */
  readonly others: number;
}

export async function takeSamples(workload: Workload, options: SampleOptions): Promise<readonly Pair[]> {
  const endAt = performance.now() + options.waitSeconds * 1_000;
  await untilCalm(endAt);
  if (workload.isCold !== true) await measurePair(workload, options);
  const wanted = workload.pairs ?? options.pairs;
  const pairs: Pair[] = [];
  while (pairs.length < wanted || (performance.now() < endAt && calmOnes(pairs) < wanted)) {
    await untilCalm(endAt);
    const others = watchOthers(options.server?.pid);
    pairs.push({ ...(await measurePair(workload, options)), others: others() });
  }
  return pairs.toSorted((a, b) => a.others - b.others).slice(0, wanted);
}

/** The median of each figure. */
function middleOf(rounds: readonly Sample[]): Sample {
  const keys = Object.keys(rounds[0] ?? {});
  return Object.fromEntries(
    keys.map((key) => [key, median(rounds.map((round) => round[key] ?? Number.NaN))]),
  );
}

function calmOnes(pairs: readonly Pair[]): number {
  return pairs.filter(({ others }) => others <= CALM_SHARE).length;
}

async function measurePair(workload: Workload, options: SampleOptions): Promise<Omit<Pair, 'others'>> {
  return {
    floor: workload.floor && (await measureOnce(workload.floor, workload, options)),
    pawl: await measureOnce(workload.pawl, workload, options),
  };
}

function measureOnce(
  side: Side,
  workload: Workload,
  { finishedRuns, server }: SampleOptions,
): Promise<Sample> {
  return inFreshFolder(workload.id, async (folder) => {
    const bed = await side({ folder, finishedRuns, server });
    globalThis.gc?.(); // what came before is not this one's to clean up
    try {
      for (let round = 0; round < (workload.seasoning ?? 0); round++) await bed.measure();
      const rounds: Sample[] = [];
      for (let round = 0; round < (workload.rounds ?? 1); round++) rounds.push(await bed.measure());
      return middleOf(rounds);
    } finally {
      await bed.close();
    }
  });
}
