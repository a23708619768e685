/** Losers: what a join that has fired no longer needs. */
import type { GraphStep } from '../graph/index.ts';

export interface Unfinished {
  readonly has: (step: GraphStep) => boolean;
  /** Edges that lead on to steps; those to the end, and loop edges, are left aside. */
  readonly edgesOn: (step: GraphStep) => number;
}

/**
 * Unfinished steps in front of the join all of whose edges lead to it or to other losers. Edges to the end count for neither
 * side: they are how a branch of a quorum may fail. Costs the losers and what leads to them, not all that is in front.
 */
export function losersOf(join: GraphStep, unfinished: Unfinished): Set<GraphStep> {
  const losers = backFrom(join, unfinished);
  const doubtful = [...losers];
  for (let step = doubtful.pop(); step; step = doubtful.pop()) {
    const leadsOn = step.outgoing.some(({ to }) => to && to !== join && !losers.has(to)); // by a loop edge, at first
    if (!leadsOn || !losers.delete(step)) continue;
    for (const { from } of step.incoming) if (losers.has(from)) doubtful.push(from);
  }
  return losers;
}

/** Loop edges aside there are no circles: a step is a loser once its last edge has been found to lead to one. */
function backFrom(join: GraphStep, { has, edgesOn }: Unfinished): Set<GraphStep> {
  const losers = new Set<GraphStep>();
  const left = new Map<GraphStep, number>();
  const found = [join];
  for (const step of found)
    for (const { from } of step.incoming) {
      if (!has(from)) continue;
      const others = (left.get(from) ?? edgesOn(from)) - 1;
      left.set(from, others);
      if (others > 0) continue;
      losers.add(from);
      found.push(from);
    }
  return losers;
}
