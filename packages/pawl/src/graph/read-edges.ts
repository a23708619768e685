/** Reads edges: a text `a -> b`, or an object; each is tied to its steps, and its labels are checked. */
import type { Json } from '../std/index.ts';
import type { ExpressionChecker } from './expression.ts';
import { isRecord } from './expression-types.ts';
import { type EdgeFields, edgeSchema } from './fields.ts';
import type { Flow } from './flow.ts';
import type { GraphEdge, GraphStep } from './graph.ts';
import { labelsOf } from './kind-spec.ts';
import { BAD_LABELS, EXHAUSTED } from './labels.ts';
import { draftLoop, type LoopDraft } from './loops.ts';
import type { DocumentPath, ProblemList } from './problem.ts';
import { readFields } from './report-issues.ts';

export interface EdgeSetting extends Flow {
  /** Labels of an edge's source that a kind does not give: the branches of a condition. */
  readonly branches: ReadonlyMap<GraphStep, readonly string[]>;
  /** Steps whose kind nobody knows: their labels are not judged. */
  readonly unknown: ReadonlySet<GraphStep>;
  readonly checker: ExpressionChecker;
  readonly problems: ProblemList;
}

/** Ties every edge to its steps; gives the loops that loop edges make. */
export function readEdges(list: readonly Json[], setting: EdgeSetting): readonly LoopDraft[] {
  const loops = new Map<GraphStep, LoopDraft>();
  const read = list.flatMap((value, index) => {
    const fields = fieldsOf(value, index, setting.problems);
    const edge = fields === undefined ? undefined : tie(fields, { ...setting, index, loops });
    return fields === undefined || edge === undefined ? [] : [{ fields, edge, index }];
  });
  for (const { fields, edge, index } of read) checkLabels(fields, { edge, index, setting });
  for (const { fields, index } of repeated(read))
    setting.problems.add('EDGE_TWICE', {
      path: ['edges', index],
      params: { from: fields.from, to: fields.to },
    });
  return [...loops.values()];
}

/** Edges that say the same as an earlier one. */
function repeated<Read extends { readonly fields: EdgeFields; readonly edge: GraphEdge }>(
  edges: readonly Read[],
): readonly Read[] {
  const seen = new Set<string>();
  return edges.filter(({ edge, fields: { from, to, on, when, else: isElse, loop } }) => {
    const labels = [...new Set([on ?? goodOf(edge)].flat())].toSorted();
    const said = JSON.stringify([from, to, labels, when?.trim(), isElse === true, loop !== undefined]);
    const isTwice = seen.has(said);
    seen.add(said);
    return isTwice;
  });
}

/** What an edge without `on` leaves on. */
function goodOf({ from }: GraphEdge): readonly string[] {
  return from.kind.labels.filter((label) => !BAD_LABELS.has(label));
}

const TEXT = /^\s*(\S+)\s+->\s+(\S+)\s*$/;

/** An edge as an object, however it is written; what is no edge stays what it is. */
export function writtenOut(value: Json): Json {
  const match = typeof value === 'string' ? TEXT.exec(value) : undefined;
  return match ? { from: match[1] as string, to: match[2] as string } : value;
}

function fieldsOf(value: Json, index: number, problems: ProblemList): EdgeFields | undefined {
  const path = ['edges', index];
  const fields = writtenOut(value);
  if (isRecord(fields)) return readFields(fields, { schema: edgeSchema, path }, problems);
  problems.add('EDGE_INVALID', { path, params: { problem: 'an edge is "a -> b" or { from, to, … }' } });
  return undefined;
}

interface Tying extends EdgeSetting {
  readonly index: number;
  readonly loops: Map<GraphStep, LoopDraft>;
}

function tie(fields: EdgeFields, tying: Tying): GraphEdge | undefined {
  const { index, problems, byName } = tying;
  const from = stepAt(fields.from, ['edges', index, 'from'], tying);
  const to = fields.to === 'end' ? undefined : stepAt(fields.to, ['edges', index, 'to'], tying);
  const problem = contradictionOf(fields, [from, to]);
  if (problem !== undefined) problems.add('EDGE_INVALID', { path: ['edges', index], params: { problem } });
  if (!from || problem !== undefined || (fields.to !== 'end' && !byName.has(fields.to))) return undefined;
  const isLoop = fields.loop !== undefined && to !== undefined;
  const loop = isLoop ? loopTo(to, tying.loops) : undefined;
  const edge: GraphEdge = {
    path: `edges[${index}]`,
    from,
    to,
    labels: labelsIn(fields.on),
    when: conditionOf(fields.when, tying),
    isElse: fields.else === true,
    loop: loop && { max: fields.loop?.max as number, of: loop },
    leaves: [],
  };
  from.outgoing.push(edge);
  if (loop) addSource(loop, { edge, index, max: fields.loop?.max as number });
  else to?.incoming.push(edge);
  return edge;
}

function stepAt(name: string, path: DocumentPath, { byName, problems }: Tying): GraphStep | undefined {
  const step = byName.get(name);
  if (step === undefined) {
    problems.add('STEP_UNKNOWN', { path, params: { name }, near: { name, known: byName.keys() } });
  }
  return step;
}

function contradictionOf(fields: EdgeFields, ends: readonly (GraphStep | undefined)[]): string | undefined {
  if (fields.else && fields.when !== undefined) return '`else` and `when` exclude each other';
  if (fields.loop && fields.to === 'end') return 'a loop leads back to a step, not to the end';
  const closing = ends.find((step) => step?.finalize !== undefined);
  return closing && `"${closing.name}" has \`finalize\`: it runs after the end and takes no edges`;
}

function labelsIn(on: EdgeFields['on']): GraphEdge['labels'] {
  if (on === undefined) return 'good';
  const list = typeof on === 'string' ? [on] : on;
  return list.includes('*') ? 'any' : new Set(list);
}

function conditionOf(source: string | undefined, { index, checker, problems }: Tying): GraphEdge['when'] {
  if (source === undefined) return undefined;
  const compiled = checker.compile(source, 'bool');
  if (compiled.ok) return compiled.expression;
  const { problem, position } = compiled;
  const params = { expression: source, problem, position };
  problems.add('EXPRESSION_INVALID', { path: ['edges', index, 'when'], params });
  return undefined;
}

function loopTo(target: GraphStep, loops: Map<GraphStep, LoopDraft>): LoopDraft {
  const loop = loops.get(target) ?? draftLoop(target);
  loops.set(target, loop);
  return loop;
}

interface Source {
  readonly edge: GraphEdge;
  readonly index: number;
  readonly max: number;
}

function addSource(loop: LoopDraft, { edge, index, max }: Source): void {
  loop.edges.push({ edge, index });
  loop.max = Math.max(loop.max, max);
  const isKnown = edge.from.outgoing.some((other) => other !== edge && other.loop?.of === loop);
  if (!isKnown) loop.sources.push(edge.from);
}

interface Labeled {
  readonly edge: GraphEdge;
  readonly index: number;
  readonly setting: EdgeSetting;
}

/** After all edges are tied: only then it is known which steps are sources of loops, and so can be exhausted. */
function checkLabels({ on = [] }: EdgeFields, { edge, index, setting }: Labeled): void {
  const { from } = edge;
  if (setting.unknown.has(from)) return;
  const known = labelsOf(from.kind, setting.branches.get(from) as readonly string[]);
  for (const label of typeof on === 'string' ? [on] : on) {
    if (known.has(label) || label === '*') continue;
    if (label === EXHAUSTED && from.outgoing.some((other) => other.loop)) continue;
    const params = {
      step: from.name,
      kind: from.kind.name,
      label,
      known: [...known].join(', '),
    };
    setting.problems.add('LABEL_UNKNOWN', {
      path: ['edges', index, 'on'],
      params,
      near: { name: label, known },
    });
  }
}
