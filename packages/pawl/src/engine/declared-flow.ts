/** What a graph declares, laid over what its run did: which edges led to each visit, and which steps did not run. */
import { EXHAUSTED, type Graph, type GraphEdge, type GraphStep, names } from '../graph/index.ts';
import type { RunGraphEdge, RunGraphNode, StepView } from './api.ts';
import { followed, type Told, windowOf } from './told.ts';

/** A visit of a step. */
interface Visit {
  readonly path: string;
  /** How many ends its driver had been told when it was called. */
  readonly n: number;
}

/** One that has ended. */
interface Ended extends Visit {
  /** The number of its end; of a map, of the latest end of an item. */
  readonly told: number;
  /** What edges know the end by; undefined of a map, whose end is no event. */
  readonly label: string | undefined;
}

export type Source = Pick<Told, 'path' | 'outcome'>;

/** What led to a visit. */
export interface Led {
  readonly to: string;
  readonly sources: readonly Source[];
}

/**
 * Goes through a run once, in the order of its calls. Conditions are not evaluated again: an edge with one counts as taken
 * where the visit followed the end of its source, or where nothing else can have led to it.
 */
export class DeclaredFlow {
  readonly #graph: Graph;
  readonly #told: readonly Told[];
  readonly #byName: ReadonlyMap<string, GraphStep>;
  /** All edges to a step, those that lead back included. */
  readonly #incoming: ReadonlyMap<GraphStep | undefined, readonly GraphEdge[]>;
  readonly #called = new Map<GraphStep, Visit>();
  readonly #ended = new Map<GraphStep, Ended>();
  #heard = 0;

  constructor(graph: Graph, told: readonly Told[]) {
    this.#graph = graph;
    this.#told = told;
    this.#byName = new Map(graph.steps.map((step) => [step.name, step]));
    this.#incoming = Map.groupBy(
      graph.steps.flatMap(({ outgoing }) => outgoing),
      ({ to }) => to,
    );
  }

  /** What led to a call. Calls come in the order in which they were made. The first item of a map stands for the map. */
  ledTo({ path, after = { n: 0 } }: StepView): Led {
    const { since, n } = windowOf(after);
    this.#hear(n);
    const to = visitOf(path);
    const step = this.#stepAt(to);
    if (!step) return { to: path, sources: followed(this.#told, after) };
    if (this.#called.get(step)?.path === to) return { to, sources: [] };
    const edges = this.#incoming.get(step) ?? [];
    const back = this.#loopTo(edges, n);
    const sources = back ? [back] : this.#joined(step, edges, { since, n });
    this.#called.set(step, { path: to, n });
    return { to, sources: sources.length > 0 ? sources : followed(this.#told, after) };
  }

  /** `check#2` is a visit of `check`. */
  #stepAt(visit: string): GraphStep | undefined {
    return this.#byName.get(visit.split('#', 1)[0] ?? '');
  }

  /** Takes in the ends up to a number. */
  #hear(n: number): void {
    for (; this.#heard < n; this.#heard++) {
      const { path, outcome, isDropped } = this.#told[this.#heard] as Told;
      const visit = visitOf(path);
      const step = this.#stepAt(visit);
      const called = step && this.#called.get(step);
      if (!step || called?.path !== visit || isDropped) continue;
      const label = visit === path ? (LABELS[step.kind.name]?.[outcome] ?? outcome) : undefined;
      this.#ended.set(step, { ...called, told: this.#heard + 1, label });
    }
  }

  /** A loop starts its target at once, whatever its join: by the very end that the visit followed. */
  #loopTo(edges: readonly GraphEdge[], n: number): Source | undefined {
    for (const edge of edges) {
      const ended = this.#ended.get(edge.from);
      if (edge.loop && ended?.told === n && isNamed(edge, ended)) return sourceOf(edge, ended);
    }
    return undefined;
  }

  #joined(
    step: GraphStep,
    edges: readonly GraphEdge[],
    window: { readonly since: number; readonly n: number },
  ): readonly Source[] {
    const possible = edges.flatMap((edge) => {
      const ended = this.#ended.get(edge.from);
      if (edge.loop || !ended || !isNamed(edge, ended) || this.#isOfEarlierLoop(step, edge.from)) return [];
      return [{ source: sourceOf(edge, ended), isSure: ended.told > window.since || !isConditional(edge) }];
    });
    const sure = possible.filter(({ isSure }) => isSure);
    const sources = (sure.length > 0 ? sure : possible).map(({ source }) => source);
    return [...new Map(sources.map((source) => [source.path, source])).values()];
  }

  /** Whether the innermost loop around both has begun anew since the source was called. */
  #isOfEarlierLoop(step: GraphStep, source: GraphStep): boolean {
    const around = step.loops.find((loop) => source.loops.includes(loop));
    const began = around && this.#called.get(around.target);
    const ended = this.#ended.get(source);
    return began !== undefined && ended !== undefined && ended.n < began.n;
  }

  // ---- what did not run

  /** Steps that did not run, and the edges from and to them. `isOver`: they never will. */
  rest({ isOver }: { readonly isOver: boolean }): {
    readonly nodes: readonly RunGraphNode[];
    readonly edges: readonly RunGraphEdge[];
  } {
    this.#hear(this.#told.length);
    const missing = this.#graph.steps.filter((step) => !this.#called.has(step));
    if (missing.length === 0) return { nodes: [], edges: [] };
    const skipped = isOver ? new Set(missing) : this.#skipped(missing);
    const nodes = missing.map((step) => nodeOf(step, skipped.has(step) ? 'skipped' : 'pending'));
    const isMissing = (step: GraphStep | undefined): boolean => step !== undefined && !this.#called.has(step);
    const edges = this.#graph.steps
      .flatMap(({ outgoing }) => outgoing)
      .filter(({ from, to, loop }) => to && !loop && (isMissing(from) || isMissing(to)))
      .map((edge) => this.#untaken(edge));
    return { nodes, edges };
  }

  /** Steps that cannot run any more, as far as labels alone tell; what stands in a loop may still be reached. */
  #skipped(missing: readonly GraphStep[]): ReadonlySet<GraphStep> {
    const open = new Map(missing.map((step) => [step, step.incoming.length]));
    const skipped = new Set<GraphStep>();
    const close = ({ to }: GraphEdge): void => {
      const left = to && open.get(to);
      if (!to || left === undefined) return;
      open.set(to, left - 1);
      if (left === 1 && to.loops.length === 0) skipped.add(to);
    };
    for (const { outgoing } of this.#graph.steps)
      for (const edge of outgoing) if (this.#isDead(edge)) close(edge);
    for (const step of skipped) for (const edge of step.outgoing) close(edge); // a set goes through what is added meanwhile
    return skipped;
  }

  #isDead(edge: GraphEdge): boolean {
    const ended = this.#ended.get(edge.from);
    return ended !== undefined && edge.from.loops.length === 0 && !isNamed(edge, ended);
  }

  #untaken(edge: GraphEdge): RunGraphEdge {
    const pathOf = (step: GraphStep): string => this.#called.get(step)?.path ?? step.name;
    const { from, to = from, labels } = edge;
    const label = labels === 'any' ? '*' : labels === 'good' ? undefined : [...labels].join(', ');
    return {
      from: pathOf(from),
      to: pathOf(to),
      ...(label === undefined ? {} : { label }),
      isTaken: false,
    };
  }
}

/** Labels of a graph that are recorded under another name. */
const LABELS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  sleep: { resolved: 'ok' },
  escalate: { approved: 'resolved', rejected: 'declined' },
};

/** The visit that a path belongs to: an item belongs to that of its map. */
function visitOf(path: string): string {
  const slash = path.indexOf('/');
  return slash === -1 ? path : path.slice(0, slash);
}

/** By its label, or as exhausted, which a loop edge at its limit makes of the label for all others. */
function isNamed(edge: GraphEdge, { label }: Ended): boolean {
  if (label === undefined) return true;
  return (!isLooping(edge, label) && names(edge, label)) || isExhausted(edge, label);
}

/** Where a loop edge takes the label in any case, no other edge does: the loop goes on, or the label is another one. */
function isLooping({ loop, from }: GraphEdge, label: string): boolean {
  return !loop && from.outgoing.some((one) => one.loop && !isConditional(one) && names(one, label));
}

function isExhausted(edge: GraphEdge, label: string): boolean {
  return names(edge, EXHAUSTED) && edge.from.outgoing.some((one) => one.loop && names(one, label));
}

function isConditional({ when, isElse }: GraphEdge): boolean {
  return when !== undefined || isElse;
}

function sourceOf(edge: GraphEdge, { path, label }: Ended): Source {
  if (label === undefined) return { path, outcome: 'ok' };
  const isItself = names(edge, label) && !isLooping(edge, label);
  return { path, outcome: isItself ? label : EXHAUSTED };
}

function nodeOf({ name, kind, title }: GraphStep, status: 'pending' | 'skipped'): RunGraphNode {
  return {
    path: name,
    name,
    kind: kind.name,
    ...(title === undefined ? {} : { label: title }),
    status,
    attempt: 0,
  };
}
