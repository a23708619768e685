/** A run as a graph: its steps as nodes, and an edge from each end to what followed it. */
import { type GraphWorkflow, isGraphWorkflow } from '../graph/index.ts';
import { pawlError } from '../errors/index.ts';
import { type AnyWorkflow, isTerminal, type StoredEvent } from '../run/index.ts';
import type { RunRow } from '../store/index.ts';
import type { RunGraph, RunGraphEdge, RunGraphNode, StepView } from './api.ts';
import { DeclaredFlow, type Led } from './declared-flow.ts';
import { Followed } from './followed.ts';
import { type Living, stepViews } from './step-views.ts';
import { foldTold } from './told.ts';
import { present } from './view-parts.ts';

/** Two sides of thousands that all wait for each other have millions of edges, which nobody looks at. */
const MAX_EDGES = 100_000;

export interface GraphFacts extends Living {
  readonly row: RunRow;
  readonly events: readonly StoredEvent[];
  /** The graph that it runs, where it is known here. */
  readonly definition: GraphWorkflow | undefined;
}

/** The very graph that a run was created with; another one of its name would tell lies. */
export function graphIn(
  registered: readonly AnyWorkflow[],
  created: StoredEvent | undefined,
): GraphWorkflow | undefined {
  if (created?.type !== 'run.created') return undefined;
  const { workflow, version, digest } = created.data;
  return registered
    .filter(isGraphWorkflow)
    .find((one) => one.name === workflow && one.version === version && one.digest === digest);
}

/** @throws `OPTION_INVALID` where the run was created with another one. */
export function givenGraph(workflow: GraphWorkflow, created: StoredEvent | undefined): GraphWorkflow {
  const where = 'runs.graph.workflow';
  if (!isGraphWorkflow(workflow)) throw pawlError('OPTION_INVALID', { where, problem: 'it must be a graph' });
  if (graphIn([workflow], created)) return workflow;
  const { name, version } = workflow;
  throw pawlError('OPTION_INVALID', {
    where,
    problem: `${name}@${version} is not the graph that the run was started with`,
  });
}

export function runGraph({ row, events, definition, ...living }: GraphFacts): RunGraph {
  const { state, told } = foldTold(row.run, events);
  const views = stepViews(state, { ...living, hasValues: false });
  const flow = definition && new DeclaredFlow(definition.graph, told);
  const log = new Followed(told, views);
  const edges = new EdgeList();
  // Calls that wait for a place in line are written later than they were made.
  for (const view of views.toSorted((a, b) => (a.after?.n ?? 0) - (b.after?.n ?? 0)))
    edges.add(flow ? flow.ledTo(view) : { to: view.path, sources: log.by(view) });
  const rest = flow?.rest({ isOver: isTerminal(state.status) });
  for (const edge of rest?.edges ?? []) edges.addUntaken(edge);
  const nodes = [...views.map(nodeOf), ...(rest?.nodes ?? [])];
  return present<RunGraph>({
    runId: row.run.runId,
    workflow: row.workflow,
    version: row.version,
    status: state.status,
    nodes,
    edges: edges.all,
    scopes: scopesOf(nodes),
    omittedEdges: edges.omitted === 0 ? undefined : edges.omitted,
  });
}

/** Edges up to their limit; what goes beyond it is counted. */
class EdgeList {
  readonly all: RunGraphEdge[] = [];
  omitted = 0;

  add({ to, sources }: Led): void {
    if (this.#isFull(sources.length)) return;
    for (const { path, outcome } of sources)
      this.all.push({ from: path, to, ...(outcome === 'ok' ? {} : { label: outcome }) });
  }

  addUntaken(edge: RunGraphEdge): void {
    if (!this.#isFull(1)) this.all.push(edge);
  }

  #isFull(more: number): boolean {
    const isFull = this.all.length + more > MAX_EDGES;
    if (isFull) this.omitted += more;
    return isFull;
  }
}

function nodeOf(view: StepView): RunGraphNode {
  const { input: _input, output: _output, after: _after, ...rest } = view;
  const { name, visit, parent } = partsOf(view.path);
  return { ...rest, name, visit, ...(parent === undefined ? {} : { parent }) };
}

interface PathParts {
  readonly name: string;
  readonly visit: number;
  readonly parent: string | undefined;
}

/** `checks/lint#2` is the second `lint` in `checks`. */
function partsOf(path: string): PathParts {
  const slash = path.lastIndexOf('/');
  const [name = '', visit = '1'] = path.slice(slash + 1).split('#');
  return { name, visit: Number(visit), parent: slash === -1 ? undefined : path.slice(0, slash) };
}

/** Scopes write no events of their own: they are seen by what they hold. From the outside in, in order of appearance. */
function scopesOf(nodes: readonly RunGraphNode[]): RunGraph['scopes'] {
  const known = new Set(nodes.map(({ path }) => path));
  const scopes: RunGraph['scopes'][number][] = [];
  for (const { parent } of nodes) {
    const missing: RunGraph['scopes'][number][] = [];
    for (let path = parent; path !== undefined && !known.has(path); path = partsOf(path).parent) {
      const { parent: outer } = partsOf(path);
      const name = path.slice(path.lastIndexOf('/') + 1);
      known.add(path);
      missing.push({ path, name, ...(outer === undefined ? {} : { parent: outer }) });
    }
    scopes.push(...missing.reverse());
  }
  return scopes;
}
