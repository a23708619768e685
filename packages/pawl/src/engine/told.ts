/** What the driver of a run was told, in order, and which of that each of its calls followed. */
import { type After, CHILD_KIND, emptyState, fold, type RunRef, type RunState } from '../run/index.ts';
import type { StoredEvent } from '../run/index.ts';

/** The end of a step, wait or child, as it was handed over. */
export interface Told {
  readonly path: string;
  readonly outcome: string;
  /** It was cancelled, and so nobody waited for it: what comes behind it hardly comes from it. */
  readonly isDropped: boolean;
}

export interface ToldRun {
  readonly state: RunState;
  /** The first has the number 1. */
  readonly told: readonly Told[];
}

export function foldTold(run: RunRef, events: Iterable<StoredEvent>): ToldRun {
  const state = emptyState(run);
  const told: Told[] = [];
  for (const event of events) {
    const delivery = fold(state, event);
    if (!delivery || delivery.path.startsWith(':')) continue; // the run's own, such as onCancel, is handed to nobody
    const { path, outcome, kind } = delivery;
    told.push({ path, outcome, isDropped: outcome === 'cancelled' && kind !== CHILD_KIND });
  }
  return { state, told };
}

/** Numbers of ends: behind the first one, up to the second one. */
export function windowOf({ n, since = n - 1 }: After): { readonly since: number; readonly n: number } {
  return { since, n };
}

/**
 * The ends that a call followed: those between the last turn in which anything was called and its own. Windows of different
 * turns do not overlap, so that all of them together cost no more than the log.
 */
export function followed(told: readonly Told[], after: After | undefined): readonly Told[] {
  if (!after) return [];
  const { since, n } = windowOf(after);
  const ends = told.slice(Math.max(0, since), n);
  const kept = ends.filter(({ isDropped }) => !isDropped);
  return kept.length > 0 ? kept : ends;
}
