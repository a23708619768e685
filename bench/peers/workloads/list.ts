/** All workloads: their figures, and the calls that take them. */
import type { Measure } from '../harness/measurement.ts';
import type { WorkloadId } from '../peer.ts';
import { crash } from './crash.ts';
import { fanOut } from './fan-out.ts';
import { gap } from './gap.ts';
import { longRun } from './long-run.ts';
import { manyRuns } from './many-runs.ts';

export interface Figure {
  /** Its name in a sample. */
  readonly key: string;
  /** The workload that it belongs to; W5 is measured with W2. */
  readonly workload: WorkloadId | 'W5';
  readonly title: string;
  readonly unit: string;
}

export const figures: readonly Figure[] = [
  { key: 'gap50', workload: 'W1', title: 'W1 gap p50', unit: 'ms' },
  { key: 'gap95', workload: 'W1', title: 'W1 gap p95', unit: 'ms' },
  { key: 'single', workload: 'W1', title: 'W1 1-step run p50', unit: 'ms' },
  { key: 'rate', workload: 'W2', title: 'W2 many runs', unit: 'steps/s' },
  { key: 'fan', workload: 'W3', title: 'W3 1,000 at once', unit: 'ms' },
  { key: 'takeOver', workload: 'W4', title: 'W4 ready → step', unit: 'ms' },
  { key: 'restart', workload: 'W4', title: 'W4 restart → step', unit: 'ms' },
  { key: 'bytes', workload: 'W5', title: 'W5 disk', unit: 'B/step' },
  { key: 'growth', workload: 'W6', title: 'W6 late/early', unit: '×' },
];

export const workloadIds: readonly WorkloadId[] = ['W1', 'W2', 'W3', 'W4', 'W6'];

/** Workloads by their ids; W5 is measured with W2. @throws when a word is none */
export function chooseWorkloads(words: readonly string[]): readonly WorkloadId[] {
  const wanted = words.map((word) => (word === 'W5' ? 'W2' : word));
  const stray = wanted.find((word) => !workloadIds.some((id) => id === word));
  if (stray !== undefined) throw new Error(`no workload ${stray}: there are ${workloadIds.join(' ')} and W5`);
  return words.length === 0 ? workloadIds : workloadIds.filter((id) => wanted.includes(id));
}

export const measures: Readonly<Record<WorkloadId, Measure>> = {
  W1: gap,
  W2: manyRuns,
  W3: fanOut,
  W4: crash,
  W6: longRun,
};
