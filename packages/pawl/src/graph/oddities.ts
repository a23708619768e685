/** Warnings: what is legal, and hardly what was meant. */
import { names, pathOfStep } from './flow.ts';
import type { GraphEdge, GraphStep } from './graph.ts';
import { BAD_LABELS, EXHAUSTED } from './labels.ts';
import type { ProblemList } from './problem.ts';

export function warn(steps: readonly GraphStep[], problems: ProblemList): void {
  for (const step of steps) {
    if (step.finalize === undefined)
      for (const label of unhandled(step)) {
        const params = { step: step.name, label };
        problems.add('LABEL_UNHANDLED', { severity: 'warning', path: pathOfStep(step), params });
      }
    for (const edge of repeated(step)) {
      const params = { from: step.name, to: edge.to?.name ?? 'end', path: edge.path };
      problems.add('EDGE_TWICE', { severity: 'warning', path: ['edges', indexOf(edge)], params });
    }
  }
}

/** Answers of people, and loops at their limit, that would fail the run; that a step may fail or be cancelled needs no word. */
function unhandled(step: GraphStep): readonly string[] {
  const own = step.kind.labels.filter((label) => BAD_LABELS.has(label) && label !== 'cancelled');
  const possible = step.outgoing.some((edge) => edge.loop) ? [...own, EXHAUSTED] : own;
  return possible.filter((label) => !step.outgoing.some((edge) => names(edge, label)));
}

/** Edges that say the same as an earlier one: both are taken, and count twice at a join. */
function repeated(step: GraphStep): readonly GraphEdge[] {
  const seen = new Set<string>();
  return step.outgoing.filter((edge) => {
    const { to, labels, when, isElse, loop } = edge;
    const key = JSON.stringify([
      to?.name,
      typeof labels === 'string' ? labels : [...labels],
      when?.source,
      isElse,
      loop?.max,
    ]);
    const isTwice = seen.has(key);
    seen.add(key);
    return isTwice;
  });
}

function indexOf(edge: GraphEdge): number {
  return Number(edge.path.slice('edges['.length, -1));
}
