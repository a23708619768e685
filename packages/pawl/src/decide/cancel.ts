/** Losers: what a join that has fired no longer needs. */
import type { GraphStep } from '../graph/index.ts';

/**
 * Unfinished steps in front of the join all of whose edges lead to it or to other losers. Edges to the end count for neither
 * side: they are how a branch of a quorum may fail.
 */
export function losersOf(join: GraphStep, isUnfinished: (step: GraphStep) => boolean): Set<GraphStep> {
  const losers = new Set<GraphStep>();
  for (const { from } of join.incoming) if (isUnfinished(from)) losers.add(from);
  for (const step of losers) for (const { from } of step.incoming) if (isUnfinished(from)) losers.add(from);
  losers.delete(join);
  const doubtful = [...losers];
  for (let step = doubtful.pop(); step; step = doubtful.pop()) {
    const leadsOn = step.outgoing.some(({ to }) => to && to !== join && !losers.has(to));
    if (!leadsOn || !losers.delete(step)) continue;
    for (const { from } of step.incoming) if (losers.has(from)) doubtful.push(from);
  }
  return losers;
}
