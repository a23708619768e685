/** Keeping an outcome: its output is checked and saved, or its step has failed after all. */
import type { ExpressionScope, GraphStep } from '../graph/index.ts';
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
  if (!maySave(outcome.label)) return outcome;
  const { outputSchema, save } = at.step;
  const misfit = outputSchema?.problemOf(outcome.output);
  if (misfit !== undefined) return failed(failureAt(at, 'OUTPUT_MISFIT', misfit));
  const saved = save ? memory.save(save, scope) : { ok: true as const };
  return saved.ok ? outcome : failed(failureAt(at, 'EXPRESSION_FAILED', saved.problem));
}

function failed(failure: Failure): Outcome {
  return { label: 'failed', output: null, failure };
}
