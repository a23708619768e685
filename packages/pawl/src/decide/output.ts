/** The output of a run: what its expressions give, else the final state, checked against its schema. */
import { messageOf } from '../errors/index.ts';
import type { Assignment, ExpressionScope, Graph } from '../graph/index.ts';
import type { Json } from '../std/index.ts';
import type { Failure } from '../step/index.ts';

export type Output =
  | { readonly type: 'completed'; readonly output: Json }
  | { readonly type: 'failed'; readonly failure: Failure };

export function outputOf(
  graph: Graph,
  state: { readonly [key: string]: Json },
  scope: ExpressionScope,
): Output {
  const { output, outputSchema } = graph;
  const made = output ? valueOf(output, scope) : { ok: true as const, value: { ...state } };
  if (!made.ok) return failed('EXPRESSION_FAILED', made.problem);
  const misfit = outputSchema?.problemOf(made.value);
  return misfit === undefined ? { type: 'completed', output: made.value } : failed('OUTPUT_MISFIT', misfit);
}

type Made = { readonly ok: true; readonly value: Json } | { readonly ok: false; readonly problem: string };

function valueOf(output: Assignment, scope: ExpressionScope): Made {
  if (output.type === 'whole') return output.expression.evaluate(scope);
  const values: Record<string, Json> = {};
  for (const [key, expression] of output.keys) {
    const evaluated = expression.evaluate(scope);
    if (!evaluated.ok) return { ok: false, problem: `${key}: ${evaluated.problem}` };
    values[key] = evaluated.value;
  }
  return { ok: true, value: values };
}

function failed(code: 'EXPRESSION_FAILED' | 'OUTPUT_MISFIT', problem: string): Output {
  const message = messageOf(code, { where: 'output', problem });
  return { type: 'failed', failure: { class: 'terminal', code, message, path: 'output' } };
}
