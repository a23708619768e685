/** The cost of an expression: items that a macro looks at and matches are counted, and past the limit the evaluation fails. */
import type { Environment } from '@marcbachmann/cel-js';
import { MatchWork } from '../std/index.ts';
import { MAX_EXPRESSION_ITEMS } from './defaults.ts';
import { adapt } from './expression-nodes.ts';

/** Names with their values. */
interface Scope {
  readonly output?: unknown;
}

/** An evaluation that ends at its limit. One error object serves all: making a stack for each item would itself be the cost. */
export function metered(environment: Environment, source: string): (scope: Scope) => unknown {
  const parsed = environment.parse(source);
  parsed.check();
  const tooMuch = new Error(`it looks at more than ${MAX_EXPRESSION_ITEMS} items`);
  const work = new MatchWork();
  let items = 0;
  const count = (): void => {
    if (++items > MAX_EXPRESSION_ITEMS) throw tooMuch;
  };
  adapt(parsed.ast, { count, work });
  return (scope) => {
    items = 0;
    work.renew();
    return parsed({ ...scope, output: scope.output ?? null });
  };
}
