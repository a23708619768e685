/** All workloads, in the order of the report. */
import type { Workload } from '../harness/workload.ts';
import { crash } from './crash.ts';
import { decideFanOut, decideLinear, decideWide } from './decide.ts';
import { diskOfManyRuns, diskOfOneRun } from './disk.ts';
import { fanOutAll, fanOutMap } from './fan-out.ts';
import { foldLong } from './fold.ts';
import { gap } from './gap.ts';
import { graphFanOut, graphGap } from './graph.ts';
import { idle } from './idle.ts';
import { longRun } from './long-run.ts';
import { manyRuns } from './many-runs.ts';
import { open } from './open.ts';
import { postgresWorkloads } from './postgres.ts';
import { singleStep } from './single-step.ts';
import { waiting } from './waiting.ts';

const sqliteWorkloads: readonly Workload[] = [
  gap,
  singleStep,
  manyRuns,
  fanOutAll,
  fanOutMap,
  graphGap,
  graphFanOut,
  crash,
  diskOfManyRuns,
  diskOfOneRun,
  longRun,
  idle,
  waiting,
  foldLong,
  open,
  decideLinear,
  decideWide,
  decideFanOut,
];

const STORES = ['sqlite', 'postgres'] as const;
type StoreKind = (typeof STORES)[number];

/** @throws when the word names no store */
export function storeKindOf(word: string): StoreKind {
  const kind = STORES.find((one) => one === word);
  if (kind === undefined) throw new Error(`--store is one of ${STORES.join(', ')}`);
  return kind;
}

/** The workloads whose id begins with one of these words. @throws when a word fits none */
export function chooseWorkloads(words: readonly string[], store: StoreKind = 'sqlite'): readonly Workload[] {
  const workloads = store === 'postgres' ? postgresWorkloads : sqliteWorkloads;
  const fits = (id: string, word: string): boolean => id === word || id.startsWith(`${word}-`);
  const stray = words.find((word) => !workloads.some(({ id }) => fits(id, word)));
  if (stray !== undefined)
    throw new Error(`no workload ${stray}: there are ${workloads.map(({ id }) => id).join(' ')}`);
  return words.length === 0 ? workloads : workloads.filter(({ id }) => words.some((word) => fits(id, word)));
}
