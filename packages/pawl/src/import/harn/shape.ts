/** What a Harn file holds: nodes and edges, written out or as the shorthand of act, verify and repair. */
import { ProblemList } from '../../graph/index.ts';
import { isFields, Part } from '../part.ts';
import { Report } from '../report.ts';
import type { HarnEdge } from './edges.ts';

export interface Shape {
  readonly root: Part;
  readonly isShort: boolean;
  readonly nodes: ReadonlyMap<string, Part>;
  readonly edges: readonly HarnEdge[];
  readonly leaving: ReadonlyMap<string, readonly HarnEdge[]>;
  readonly entering: ReadonlyMap<string, readonly HarnEdge[]>;
  readonly entry: string;
  /** How many nodes the file has, those that never run included. */
  readonly size: number;
}

const SHORTHAND = ['act', 'verify', 'repair'];

/** Undefined for what is no graph of Harn. */
export function shapeOf(root: Part): Shape | undefined {
  const { value: listed } = root.at('nodes');
  const isShort = !isFields(listed) || Object.keys(listed).length === 0;
  const short = SHORTHAND.filter((name) => root.at(name).isThere);
  if (isShort && !short.some((name) => root.at(name).isRecord)) {
    const problem =
      'it is no workflow graph of Harn: it has neither `nodes` nor `act`, `verify` and `repair`';
    root.refuse('IMPORT_FORMAT', { problem });
    return undefined;
  }
  const all = isShort ? short.map((name) => [name, root.at(name)] as const) : root.at('nodes').entries();
  for (const [, part] of all) if (!part.isRecord) part.refuse('IMPORT_SHAPE', { problem: 'must be a node' });
  const names = all.map(([name]) => name);
  const isListed = !isShort || root.at('edges').items().length > 0;
  const edges = isListed ? listedEdges(root.at('edges')) : shortEdges(names);
  const entry = entryOf(root, names, isShort);
  const reached = new Set([entry]);
  const leaving = Map.groupBy(edges, ({ from }) => from);
  for (const id of reached) for (const { to } of leaving.get(id) ?? []) reached.add(to);
  for (const [id, part] of all)
    if (!reached.has(id)) part.without('nothing leads to it, so that it never runs there');
  const known = new Set(names);
  const living = edges.filter(({ from }) => reached.has(from) || !known.has(from));
  return {
    root,
    isShort,
    nodes: new Map(all.filter(([id]) => reached.has(id))),
    edges: living,
    leaving: Map.groupBy(living, ({ from }) => from),
    entering: Map.groupBy(living, ({ to }) => to),
    entry,
    size: all.length,
  };
}

function entryOf(root: Part, ids: readonly string[], isShort: boolean): string {
  const part = root.at('entry');
  const name = part.text();
  if (name !== undefined) {
    part.to('start');
    if (!ids.includes(name)) part.refuse('IMPORT_NODE_UNKNOWN', { name }, { name, known: ids });
    return name;
  }
  const [first = ''] = isShort ? ids : ids.toSorted();
  if (!isShort)
    root.report.note(`the file names no entry: "${first}" begins, the first by name, as there`, 'start');
  return first;
}

function listedEdges(part: Part): readonly HarnEdge[] {
  return part.items().flatMap((at): HarnEdge[] => {
    const [from, to] = [at.at('from').text(), at.at('to').text()];
    if (from === undefined || to === undefined) {
      at.refuse('IMPORT_SHAPE', { problem: 'an edge has `from` and `to`' });
      return [];
    }
    at.at('from').to('edges');
    at.at('to').to('edges');
    at.at('label').without('edges have no texts for people');
    return [{ from, to, branch: at.at('branch'), at }];
  });
}

/** act, then verify; what did not pass is repaired, and verified again. */
function shortEdges(names: readonly string[]): readonly HarnEdge[] {
  const aside = new Report(new ProblemList()); // they stand nowhere in the file
  const wanted: readonly (readonly [string, string, string?])[] = [
    ['act', 'verify'],
    ['verify', 'repair', 'failed'],
    ['repair', 'verify'],
  ];
  return wanted
    .filter(([from, to]) => names.includes(from) && names.includes(to))
    .map(([from, to, branch]) => ({
      from,
      to,
      branch: new Part(branch, [from], aside),
      at: new Part({}, [from], aside),
    }));
}
