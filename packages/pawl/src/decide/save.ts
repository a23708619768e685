/** Keeping an outcome: its output is checked and saved, or its step has failed after all. */
import type { ExpressionScope, GraphStep, Work } from '../graph/index.ts';
import type { StepPath } from '../run/index.ts';
import type { Failure } from '../step/index.ts';
import type { Memory } from './memory.ts';
import { maySave, type Outcome } from './outcome.ts';
import { failureAt } from './step-command.ts';

interface Kept {
  readonly outcome: Outcome;
  readonly memory: Memory;
  readonly scope: ExpressionScope;
}

export function keepOutcome(
  at: { readonly step: GraphStep; readonly path: StepPath },
  { outcome, memory, scope }: Kept,
): Outcome {
  const { save } = at.step;
  const fitting = fittingOutcome({ work: at.step, path: at.path }, outcome);
  if (!save || !maySave(fitting.label)) return fitting;
  const saved = memory.save(save, scope);
  return saved.ok ? outcome : failed(failureAt(at, saved.code, saved.problem));
}

/** An outcome as it is, or the failure that its output does not fit its schema. */
export function fittingOutcome(
  at: { readonly work: Work; readonly path: StepPath },
  outcome: Outcome,
): Outcome {
  const misfit = maySave(outcome.label) ? at.work.outputSchema?.problemOf(outcome.output) : undefined;
  return misfit === undefined ? outcome : failed(failureAt(at, 'OUTPUT_MISFIT', misfit));
}

function failed(failure: Failure): Outcome {
  return { label: 'failed', output: null, failure };
}
