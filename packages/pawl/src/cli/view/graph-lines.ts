/** The graph of a run in lines: a table for pipes, and for terminals the tree of its steps with arrows to what they followed. */
import type { RunGraph, RunGraphEdge, RunGraphNode, StepView } from '../../engine/index.ts';
import { counted } from './counted.ts';
import { cutTo, oneLine, widthOf } from './plain-text.ts';
import { statusText } from './status-text.ts';
import { stepLines } from './step-lines.ts';
import { treeOf } from './step-tree.ts';
import { PLAIN, type Style } from './style.ts';
import { tableLines } from './table.ts';

/** Sources of one step that are named; the others are counted. */
const MAX_SOURCES = 8;
/** Cells that a line keeps for its arrow. */
const ARROW = 32;
/** Cells of a line that its step gets in any case. */
const LEAST = 40;

/** One line a step: where it stands, and behind which ends. */
export function graphTable(graph: RunGraph): string[] {
  const sources = new Sources(graph);
  const rows = graph.nodes.map((node) => [node.path, node.kind, stateOf(node), sources.textOf(node.path)]);
  return tableLines(['STEP', 'KIND', 'STATUS', 'FOLLOWS'], rows, PLAIN);
}

function stateOf({ status, outcome, isLost }: RunGraphNode): string {
  if (isLost) return 'lost';
  const isPlain = outcome === undefined || outcome === 'ok' || outcome === status;
  return isPlain ? status : `${status} (${outcome})`;
}

export interface GraphLineOptions {
  readonly style: Style;
  readonly columns: number;
  /** In milliseconds. */
  readonly now: number;
}

export function graphTree(graph: RunGraph, { style, columns, now }: GraphLineOptions): string[] {
  const { runId, workflow, version } = graph;
  const sources = new Sources(graph);
  const rows = treeOf(graph.nodes.map(viewOf));
  const room = Math.max(LEAST, columns - ARROW);
  const plain = stepLines(rows, { style: PLAIN, now, columns: room });
  const widths = plain.map(widthOf);
  const column = Math.min(
    room,
    widths.reduce((most, width) => Math.max(most, width), 0),
  );
  const lines = stepLines(rows, { style, now, columns: room }).map((line, index) => {
    const { step } = rows[index] ?? {};
    const followed = step ? sources.textOf(step.path) : '';
    if (followed === '') return line;
    const width = widths[index] ?? 0;
    const gap = ' '.repeat(Math.max(0, column - width) + 2);
    const left = columns - Math.max(column, width) - 2;
    return `${line}${gap}${style.dim(cutTo(`← ${followed}`, Math.max(1, left)))}`;
  });
  return [`run ${runId} of ${workflow}@${version} is ${statusText(graph, style)}`, '', ...lines];
}

function viewOf(node: RunGraphNode): StepView {
  return { ...node, startedAt: node.startedAt ?? '' };
}

/** What led to each step; what led to a map as a whole is told at its first item. */
class Sources {
  readonly #byTarget: Map<string, RunGraphEdge[]>;

  constructor({ edges }: RunGraph) {
    this.#byTarget = Map.groupBy(edges, ({ to }) => to);
  }

  textOf(path: string): string {
    const edges = [...this.#above(path), ...(this.#byTarget.get(path) ?? [])];
    const named = edges.slice(0, MAX_SOURCES).map(edgeText);
    const more = edges.length - named.length;
    return [...named, ...(more > 0 ? [`and ${counted(more, 'other')}`] : [])].join(', ');
  }

  /** Edges to scopes that a path stands in, the first time that one of them is met. */
  #above(path: string): readonly RunGraphEdge[] {
    const found: RunGraphEdge[] = [];
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const scope = path.slice(0, end);
      found.push(...(this.#byTarget.get(scope) ?? []));
      this.#byTarget.delete(scope);
    }
    return found;
  }
}

/** `gate (rejected)`; with a question mark where nothing went along the edge. */
function edgeText({ from, label, isTaken }: RunGraphEdge): string {
  const on = label === undefined ? '' : ` (${label})`;
  return oneLine(`${from}${on}${isTaken === false ? '?' : ''}`);
}
