/** The cost of an expression: every item that a macro looks at is counted, and past the limit the evaluation fails. */
import type { Environment } from '@marcbachmann/cel-js';
import { MAX_EXPRESSION_ITEMS } from './defaults.ts';

/** A node of the library's tree, with the inner parts that the count needs. */
interface Node {
  readonly args: unknown;
  /** What the check has put in its place: macros become loops. */
  readonly meta: { readonly alternate?: Loop };
}

/** Names with their values. */
interface Scope {
  readonly output?: unknown;
}

interface Loop {
  readonly op: string;
  readonly args: { step: Step };
}

interface Step {
  evaluate(evaluator: unknown, step: Step, context: unknown): unknown;
}

/** An evaluation that ends at its limit. One error object serves all: making a stack for each item would itself be the cost. */
export function metered(environment: Environment, source: string): (scope: Scope) => unknown {
  const parsed = environment.parse(source);
  parsed.check();
  const tooMuch = new Error(`it looks at more than ${MAX_EXPRESSION_ITEMS} items`);
  let items = 0;
  const count = (): void => {
    if (++items > MAX_EXPRESSION_ITEMS) throw tooMuch;
  };
  countLoops(parsed.ast, count);
  return (scope) => {
    items = 0;
    return parsed({ ...scope, output: scope.output ?? null });
  };
}

function countLoops(part: unknown, count: () => void): void {
  if (Array.isArray(part)) for (const inner of part) countLoops(inner, count);
  if (!isNode(part)) return;
  const loop = part.meta.alternate;
  if (loop?.op === 'comprehension') {
    const { step } = loop.args;
    loop.args.step = {
      evaluate(evaluator, _step, context) {
        count();
        return step.evaluate(evaluator, step, context);
      },
    };
  }
  countLoops(part.args, count);
}

function isNode(part: unknown): part is Node {
  return typeof part === 'object' && part !== null && 'meta' in part;
}
