/** The effect of a function step: looks the function up and calls it. */
import { logWith } from '../../std/index.ts';
import { FailureError, type StepContext } from '../../step/index.ts';
import type { FunctionInput } from './input.ts';
import { functionProblem, type FunctionRegistry, type FunctionTools } from './registry.ts';

/**
 * Calls the function.
 * @throws `FUNCTION_UNKNOWN` (terminal) where this engine was not given it; whatever the function throws.
 */
export function callFunction(
  registry: FunctionRegistry,
  { function: name, input = null }: FunctionInput,
  context: StepContext,
): unknown {
  const fn = registry.get(name);
  if (fn === undefined)
    throw new FailureError({
      class: 'terminal',
      code: 'FUNCTION_UNKNOWN',
      message: functionProblem(registry, name) ?? '',
    });
  return fn(input as never, toolsOf(context));
}

/** Made when they are looked at, for most functions look at none: a signal costs a controller. */
function toolsOf(context: StepContext): FunctionTools {
  const { runId, path, attempt, idempotencyKey } = context;
  return {
    runId,
    path,
    attempt,
    idempotencyKey,
    get signal() {
      return context.signal;
    },
    get report() {
      return context.report;
    },
    get progress() {
      return context.progress;
    },
    get heartbeat() {
      return context.heartbeat;
    },
    get log() {
      return logWith((level, message, fields) => context.log(level, message, fields));
    },
  };
}
