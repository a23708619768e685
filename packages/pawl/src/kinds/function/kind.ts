/** The step kind `function`: code of the user, called by its name. */
import { type AnyKind, defineKind } from '../../step/index.ts';
import { callFunction } from './effect.ts';
import { type FunctionInput, functionInputSchema } from './input.ts';
import type { FunctionRegistry } from './registry.ts';

/** The kind over the functions that one engine was given. */
export function functionKind(registry: FunctionRegistry): AnyKind {
  return defineKind<FunctionInput>({
    name: 'function',
    schema: functionInputSchema,
    labels: ['ok'],
    targets: { names: [...registry.keys()], of: (input) => input.function },
    execute: async (input, context) => ({ output: await callFunction(registry, input, context) }),
  });
}
