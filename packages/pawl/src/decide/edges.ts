/** Edges: which of them a label takes, once its source has ended. */
import {
  EXHAUSTED,
  type ExpressionScope,
  type GraphEdge,
  type GraphStep,
  isGoodLabel,
  names,
} from '../graph/index.ts';

export type EdgeVerdict =
  /** A loop edge acts; whatever else the label takes is forgotten with the body. */
  | { readonly type: 'loop'; readonly edge: GraphEdge }
  | {
      readonly type: 'taken';
      readonly edges: ReadonlySet<GraphEdge>;
      readonly isGood: boolean;
      /** No edge names the label: the path ends here. */
      readonly isEnd: boolean;
    }
  /** Nobody said what happens with a label that is not good. */
  | { readonly type: 'unhandled'; readonly label: string }
  /** The label has edges, all of them with conditions, and none is true. */
  | { readonly type: 'no_branch'; readonly label: string }
  | { readonly type: 'broken'; readonly edge: GraphEdge; readonly problem: string };

export interface Ended {
  readonly step: GraphStep;
  readonly label: string;
  /** State, steps and output as of the end. */
  readonly scope: ExpressionScope;
  /** Whether a loop edge has visits left. */
  readonly mayLoop: (edge: GraphEdge) => boolean;
}

/** An edge at its limit is no candidate: where it would be taken, the label becomes `exhausted`, and the rest is asked again. */
export function resolveEdges(ended: Ended): EdgeVerdict {
  const { step, label, mayLoop } = ended;
  const chosen = choose(step.outgoing, label, ended.scope);
  if (!chosen.ok) return { type: 'broken', edge: chosen.edge, problem: chosen.problem };
  if (chosen.taken.every((edge) => edge.loop === undefined || mayLoop(edge)))
    return verdictOf(step, label, chosen);
  const open = step.outgoing.filter((edge) => edge.loop === undefined || mayLoop(edge));
  const again = choose(open, EXHAUSTED, ended.scope);
  if (!again.ok) return { type: 'broken', edge: again.edge, problem: again.problem };
  return verdictOf(step, EXHAUSTED, again);
}

interface Chosen {
  readonly ok: true;
  readonly named: readonly GraphEdge[];
  readonly taken: readonly GraphEdge[];
}

type Choosing = Chosen | { readonly ok: false; readonly edge: GraphEdge; readonly problem: string };

function choose(edges: readonly GraphEdge[], label: string, scope: ExpressionScope): Choosing {
  const named = edges.filter((edge) => names(edge, label));
  const taken: GraphEdge[] = [];
  for (const edge of named) {
    const evaluated = edge.when?.evaluate(scope) ?? { ok: true, value: !edge.isElse };
    if (!evaluated.ok) return { ok: false, edge, problem: evaluated.problem };
    if (typeof evaluated.value !== 'boolean')
      return { ok: false, edge, problem: 'it gives neither true nor false' };
    if (evaluated.value) taken.push(edge);
  }
  return { ok: true, named, taken: taken.length > 0 ? taken : named.filter((edge) => edge.isElse) };
}

function verdictOf(step: GraphStep, label: string, { named, taken }: Chosen): EdgeVerdict {
  const isGood = isGoodLabel(label);
  const loop = largestLoop(taken);
  if (loop) return { type: 'loop', edge: loop };
  const isEnd = taken.length === 0;
  if (isEnd && named.some((edge) => edge.loop === undefined)) return { type: 'no_branch', label };
  if (isEnd && !isGood) return { type: 'unhandled', label };
  return { type: 'taken', edges: new Set(isEnd ? [step.ending] : taken), isGood, isEnd };
}

/** Of several loop edges taken at once the one with the largest body acts. */
function largestLoop(taken: readonly GraphEdge[]): GraphEdge | undefined {
  let largest: GraphEdge | undefined;
  for (const edge of taken) {
    const size = edge.loop?.of.body.length ?? 0;
    if (size > (largest?.loop?.of.body.length ?? 0)) largest = edge;
  }
  return largest;
}
