/** The flow of a graph: where it begins, what is reached, where it turns in a circle, which joins can be met. */
import type { Json } from '../std/index.ts';
import { isRecord } from './expression-types.ts';
import type { GraphEdge, GraphStep } from './graph.ts';
import { isGoodLabel } from './labels.ts';
import { type DocumentPath, hintFor, type ProblemList } from './problem.ts';

export interface Flow {
  readonly steps: readonly GraphStep[];
  readonly byName: ReadonlyMap<string, GraphStep>;
  /** Steps that a breach of a budget leads to: no edge has to, and they do not begin by themselves. */
  readonly routed: ReadonlySet<GraphStep>;
}

/** Reads `budget.onBreach.route` of the graph and of its steps. */
export function routedSteps(
  source: Readonly<Record<string, Json>>,
  { byName, problems }: Pick<Flow, 'byName'> & { readonly problems: ProblemList },
): ReadonlySet<GraphStep> {
  const routed = new Set<GraphStep>();
  const steps = isRecord(source.steps) ? Object.entries(source.steps) : [];
  const places: (readonly [DocumentPath, Json])[] = [
    [[], source],
    ...steps.map(([name, step]) => [['steps', name], step] as const),
  ];
  for (const [path, place] of places) {
    const name = routeIn(place);
    const step = name === undefined ? undefined : byName.get(name);
    if (step) routed.add(step);
    else if (name !== undefined)
      problems.add('STEP_UNKNOWN', {
        path: [...path, 'budget', 'onBreach', 'route'],
        params: { name },
        near: { name, known: byName.keys() },
      });
  }
  return routed;
}

function routeIn(place: Json): string | undefined {
  const budget = isRecord(place) ? place.budget : undefined;
  const breach = isRecord(budget) ? budget.onBreach : undefined;
  const route = isRecord(breach) ? breach.route : undefined;
  return typeof route === 'string' ? route : undefined;
}

/** The steps that begin: those that are named, else all that nothing leads to. */
export function startOf(
  flow: Flow,
  named: readonly string[] | undefined,
  problems: ProblemList,
): readonly GraphStep[] {
  const roots = flow.steps.filter(
    (step) => step.incoming.length === 0 && step.finalize === undefined && !flow.routed.has(step),
  );
  if (named === undefined) return roots;
  for (const name of named) {
    const step = flow.byName.get(name);
    const problem = step === undefined ? unknownName(name, flow) : notARoot(step);
    if (problem !== undefined) problems.add('START_INVALID', { path: ['start'], params: { name, problem } });
  }
  return roots.filter((step) => named.includes(step.name));
}

function unknownName(name: string, { byName }: Flow): string {
  return `there is no such step${hintFor(name, byName.keys())}`;
}

function notARoot(step: GraphStep): string | undefined {
  if (step.finalize !== undefined) return 'a step with `finalize` runs after the end';
  const [edge] = step.incoming;
  return edge === undefined ? undefined : `an edge from "${edge.from.name}" leads to it`;
}

/** A run of finalizers alone would end before it began, with nothing reached. */
export function checkWork({ steps }: Flow, problems: ProblemList): void {
  const [first] = steps;
  if (first === undefined || steps.some(({ finalize }) => finalize === undefined)) return;
  const problem = 'there is nothing to run: every step has `finalize`, and runs after the end of all others';
  problems.add('FIELD_INVALID', { path: ['steps'], params: { problem } });
}

/** Reports circles without a loop edge, then what is never reached. */
export function checkReach(flow: Flow, start: readonly GraphStep[], problems: ProblemList): void {
  const circular = circularSteps(flow);
  for (const circle of circlesAmong(circular)) {
    const names = circle.map((step) => step.name);
    const params = { circle: [...names, ...names.slice(0, 1)].join(' -> ') };
    problems.add('GRAPH_CYCLE', { path: ['steps', ...names.slice(0, 1)], params });
  }
  const reached = new Set([...start, ...flow.routed]);
  for (const step of reached) for (const { to } of step.outgoing) if (to) reached.add(to);
  for (const step of flow.steps) {
    if (reached.has(step) || step.finalize !== undefined || circular.has(step)) continue;
    problems.add('STEP_UNREACHABLE', { path: ['steps', step.name], params: { step: step.name } });
  }
}

/** What is left when steps that nothing leads to are taken away again and again (A. B. Kahn, 1962), and what it leads to. */
function circularSteps({ steps }: Flow): Set<GraphStep> {
  const waiting = new Map(steps.map((step) => [step, step.incoming.length]));
  const free = steps.filter((step) => step.incoming.length === 0);
  for (const step of free) {
    waiting.delete(step);
    for (const { to, loop } of step.outgoing) {
      if (!to || loop) continue;
      const left = (waiting.get(to) as number) - 1;
      waiting.set(to, left);
      if (left === 0) free.push(to);
    }
  }
  return new Set(waiting.keys());
}

/** Walks back from each step until it meets itself: every circle once, as far as circles do not cross. */
function circlesAmong(steps: ReadonlySet<GraphStep>): GraphStep[][] {
  const circles: GraphStep[][] = [];
  const seen = new Set<GraphStep>();
  for (const first of steps) {
    const trail = new Map<GraphStep | undefined, number>();
    let step: GraphStep | undefined = first;
    while (step && !seen.has(step)) {
      seen.add(step);
      trail.set(step, trail.size);
      step = step.incoming.find(({ from }) => steps.has(from))?.from;
    }
    const from = trail.get(step);
    if (from !== undefined) circles.push(([...trail.keys()] as GraphStep[]).slice(from).reverse());
  }
  return circles;
}

/** Joins that ask for more edges than can be taken at once. */
export function checkJoins({ steps }: Flow, problems: ProblemList): void {
  for (const step of steps) {
    if (step.join === 'all') continue;
    const possible = mostTaken(step);
    if (step.join.count <= possible) continue;
    const params = { step: step.name, count: step.join.count, possible };
    problems.add('JOIN_IMPOSSIBLE', { path: ['steps', step.name, 'join'], params });
  }
}

/** Edges of one source that different labels name exclude each other. */
function mostTaken(step: GraphStep): number {
  const bySource = Map.groupBy(step.incoming, (edge) => edge.from);
  let most = 0;
  for (const edges of bySource.values()) most += Math.max(...labelsNamed(edges).map(countIn(edges)));
  return step.incoming.length === 0 ? 1 : most;
}

function labelsNamed(edges: readonly GraphEdge[]): readonly string[] {
  const named = edges.flatMap(({ labels }) => (typeof labels === 'string' ? [] : [...labels]));
  return [...named, 'ok'];
}

function countIn(edges: readonly GraphEdge[]): (label: string) => number {
  return (label) => edges.filter((edge) => names(edge, label)).length;
}

/** Whether an edge names a label: by itself, as a good one, or as any. */
export function names({ labels }: GraphEdge, label: string): boolean {
  if (labels === 'any') return true;
  return labels === 'good' ? isGoodLabel(label) : labels.has(label);
}

/** Where a step stands in the document. */
export function pathOfStep(step: GraphStep, ...rest: DocumentPath): DocumentPath {
  return ['steps', step.name, ...rest];
}
