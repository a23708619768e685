/** Warnings: what is legal, and hardly what was meant. */
import { names, pathOfStep } from './flow.ts';
import type { GraphStep } from './graph.ts';
import { BAD_LABELS, EXHAUSTED } from './labels.ts';
import type { ProblemList } from './problem.ts';

export function warn(steps: readonly GraphStep[], problems: ProblemList): void {
  for (const step of steps) {
    if (step.finalize === undefined)
      for (const label of unhandled(step)) {
        const params = { step: step.name, label };
        problems.add('LABEL_UNHANDLED', { severity: 'warning', path: pathOfStep(step), params });
      }
  }
}

/** Answers of people, and loops at their limit, that would fail the run; that a step may fail or be cancelled needs no word. */
function unhandled(step: GraphStep): readonly string[] {
  const own = step.kind.labels.filter((label) => BAD_LABELS.has(label) && label !== 'cancelled');
  const possible = step.outgoing.some((edge) => edge.loop) ? [...own, EXHAUSTED] : own;
  return possible.filter((label) => !step.outgoing.some((edge) => names(edge, label)));
}
