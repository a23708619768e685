/** First stage: may this step fire, with exactly these arguments? */
import { messageOf } from '../../errors/index.ts';
import { checkSchema, type Schema } from '../../std/index.ts';
import type { Failure } from '../../step/index.ts';
import type { Execution } from '../execution.ts';

/**
 * Checks the input against the kind's schema; a step that does not pass fails without having started. Policy, autonomy and
 * budget are judged here, where the arguments are final; this version has no rules, and every step passes.
 */
export function guard(execution: Execution): Execution {
  const schema = execution.kind.schema as Schema | undefined;
  if (!schema || execution.spec.run) return execution;
  const checked = checkSchema(schema, execution.spec.input, `the kind "${execution.kind.name}"`);
  if (checked.ok) execution.input = checked.value;
  else execution.end = { ok: false, failure: inputInvalid(execution, checked.issues) };
  return execution;
}

function inputInvalid(execution: Execution, issues: string): Failure {
  return {
    class: 'terminal',
    code: 'STEP_INPUT_INVALID',
    message: messageOf('STEP_INPUT_INVALID', { issues }),
    path: execution.spec.path,
  };
}
