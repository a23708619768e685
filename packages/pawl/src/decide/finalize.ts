/** Finalizers: what runs after the end of everything else, and how long each of them may take. */
import type { Graph, GraphStep } from '../graph/index.ts';
import type { Limited, StepPath } from '../run/index.ts';
import type { Json } from '../std/index.ts';
import type { Failure } from '../step/index.ts';

/** How a run ends once its finalizers are done; `cancelled`: whoever cancelled it concludes. */
export type Ending =
  | { readonly type: 'completed'; readonly output: Json }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'cancelled' };

const FINALIZED_BY: Readonly<Record<Ending['type'], string>> = {
  completed: 'success',
  failed: 'failure',
  cancelled: 'always',
};

export function finalizersOf({ finalizers }: Graph, { type }: Ending): readonly GraphStep[] {
  return finalizers.filter(({ finalize }) => finalize === 'always' || finalize === FINALIZED_BY[type]);
}

/** What executes is held to its deadline where it executes; what waits, or has children or items, only from here. */
export function limitOf(step: GraphStep, path: StepPath): Limited | undefined {
  const { deadlineMs: limitMs, kind, map } = step;
  if (limitMs === undefined || (kind.opens === 'step' && !map)) return undefined;
  return { path, limitMs };
}
