/** How a workflow function ends: the output as it is recorded, or the failure that its exception stands for. */
import { isPawlError, messageOf } from '../errors/index.ts';
import type { StepPath } from '../run/index.ts';
import { checkSchema, encodeValue, type Payload } from '../std/index.ts';
import { cleanText, type Failure, failureOf, StepFailed } from '../step/index.ts';
import type { FunctionWorkflow } from './workflow.ts';

export type Output =
  | { readonly ok: true; readonly payload: Payload }
  | { readonly ok: false; readonly failure: Failure };

/** The failure of the run: a step's own where it was not caught, else `WORKFLOW_THREW` with the exception as cause. */
export function failureOfThrown(error: unknown): Failure {
  try {
    return readThrown(error);
  } catch {
    return { class: 'terminal', code: 'WORKFLOW_THREW', message: 'what was thrown cannot be read' };
  }
}

function readThrown(error: unknown): Failure {
  if (error instanceof StepFailed && typeof error.failure?.code === 'string') return error.failure;
  if (isPawlError(error))
    return {
      class: 'terminal',
      code: error.code,
      message: `${error.message} ${error.todo}`,
      name: error.name,
    };
  const cause = failureOf(error, '');
  const { path: _path, ...plain } = cause;
  return {
    ...plain,
    class: 'terminal',
    code: plain.code === 'STEP_THREW' ? 'WORKFLOW_THREW' : plain.code,
    message: cleanText(plain.message),
  };
}

/** Checks what the function returned, and that no step was forgotten on the way. */
export function outputOf(
  { workflow, payloadBytes }: { readonly workflow: FunctionWorkflow; readonly payloadBytes: number },
  value: unknown,
  forgotten: readonly StepPath[],
): Output {
  if (forgotten.length > 0) {
    const paths = [...new Set(forgotten)]
      .sort()
      .map((path) => `"${path}"`)
      .join(', ');
    return failed('FORGOTTEN_AWAIT', messageOf('FORGOTTEN_AWAIT', { paths }));
  }
  try {
    const schema = workflow.outputSchema;
    const checked = schema
      ? checkSchema(schema, value, `the output of workflow "${workflow.name}"`)
      : ({ ok: true, value } as const);
    if (!checked.ok) return failed('OUTPUT_INVALID', messageOf('OUTPUT_INVALID', { issues: checked.issues }));
    return {
      ok: true,
      payload: encodeValue(checked.value, `the output of workflow "${workflow.name}"`, payloadBytes),
    };
  } catch (error) {
    const issues = (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
    return failed('OUTPUT_INVALID', messageOf('OUTPUT_INVALID', { issues }));
  }
}

function failed(code: string, message: string): Output {
  return { ok: false, failure: { class: 'terminal', code, message } };
}
