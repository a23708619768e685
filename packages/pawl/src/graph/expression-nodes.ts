/** What nodes of an expression do here and not in the library: loops are counted, `matches` is linear, and no key of a map is lost. */
import { compileRe2, type MatchWork } from '../std/index.ts';

/** A node of the library's tree, with the inner parts that are needed here. */
interface Node {
  readonly op: string;
  readonly args: unknown;
  /** What the check has put in its place: macros become loops. */
  readonly meta: { readonly alternate?: Loop };
  evaluate: Evaluate;
  setMeta(name: 'evaluate', evaluate: Evaluate): unknown;
}

interface Evaluator {
  run(node: Node, context: unknown): unknown;
}

type Evaluate = (evaluator: Evaluator, node: Node, context: unknown) => unknown;

interface Loop {
  readonly op: string;
  readonly args: { step: Pick<Node, 'evaluate'> };
}

export interface Costs {
  /** An item is looked at. */
  readonly count: () => void;
  readonly work: MatchWork;
}

/** Changes what the nodes of a checked tree do. */
export function adapt(part: unknown, costs: Costs): void {
  if (Array.isArray(part)) for (const inner of part) adapt(inner, costs);
  if (!isNode(part)) return;
  const { op, args, meta } = part;
  if (meta.alternate?.op === 'comprehension') countItems(meta.alternate, costs.count);
  if (op === 'map' && (args as readonly unknown[]).length > 0) part.setMeta('evaluate', keepKeys);
  if (op === 'rcall' && (args as readonly unknown[])[0] === 'matches') matchLinearly(part, costs.work);
  adapt(args, costs);
}

function isNode(part: unknown): part is Node {
  return typeof part === 'object' && part !== null && 'meta' in part;
}

function countItems(loop: Loop, count: () => void): void {
  const { step } = loop.args;
  loop.args.step = {
    evaluate(evaluator, _step, context) {
      count();
      return step.evaluate(evaluator, step as Node, context);
    },
  };
}

/** The library leaves out what could be mistaken for a part of a class; what is no object cannot be. */
const keepKeys: Evaluate = (evaluator, { args }, context) => {
  const entries = (args as readonly (readonly [Node, Node])[]).map(
    ([key, value]) => [evaluator.run(key, context), evaluator.run(value, context)] as const,
  );
  const isMap = entries.some(([key]) => key === 'constructor' || key === '__proto__');
  return isMap ? new Map(entries) : Object.fromEntries(entries);
};

/** Its pattern is a text that was compiled when the expression was checked. */
function matchLinearly(node: Node, work: MatchWork): void {
  const [, receiver, [pattern]] = node.args as readonly [string, Node, readonly [Node]];
  const compiled = compileRe2(pattern.args as string, work);
  node.setMeta('evaluate', (evaluator, _node, context) => {
    const text = evaluator.run(receiver, context);
    if (typeof text !== 'string') throw new Error('matches() is asked of what is no text');
    return compiled.ok && compiled.pattern.test(text);
  });
}
