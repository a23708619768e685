/** Makes the document of a draft: names that fit, finalizers aside, edges back as loops; then our own validation has a say. */
import { type DocumentPath, textOfPath, validateValue } from '../graph/index.ts';
import { type Draft, END, type EdgeDraft, type StepDraft } from './draft.ts';
import type { Fields } from './part.ts';
import type { Report } from './report.ts';

const MAX_NAME = 64;

/** The document; undefined where something was refused. */
export function assemble(draft: Draft, report: Report): Fields | undefined {
  const names = namesFor(draft.steps, report);
  const byId = new Map(draft.steps.map((step) => [step.id, step]));
  const edges = draft.edges.flatMap((edge) => tied(edge, byId, report));
  checkReach(draft, edges, report);
  if (report.isRefused) return undefined;
  const back = backEdges(draft, edges);
  for (const edge of back) report.note(`${textOfPath(edge.at)} leads back: ${draft.loops.note}`, 'edges');
  const all = edges.map((edge) => writtenEdge(edge, names, back.has(edge) ? draft.loops.max : undefined));
  const isFirst = firstOfEach(all);
  for (const { at } of edges.filter((_edge, index) => !isFirst[index]))
    report.note(`${textOfPath(at)} says the same as an edge before it: one is enough`, 'edges');
  const written = all.filter((_edge, index) => isFirst[index]);
  const document: Fields = {
    pawl: 1,
    ...inOrder({ ...draft.top, start: names.get(draft.start) as string }),
    steps: Object.fromEntries(draft.steps.map(({ id, step }) => [names.get(id), step])) as Fields,
    ...(written.length === 0 ? {} : { edges: written }),
  };
  checkResult(document, { draft, edges: edges.filter((_edge, index) => isFirst[index]), names }, report);
  return report.isRefused ? undefined : document;
}

/** As people write them: who it is, what it takes, where it begins, how it behaves. */
const TOP_ORDER =
  'workflow version title description labels metadata input state stateFrom start retries deadline onFailure limits policy budget';

function inOrder(top: Fields): Fields {
  return Object.fromEntries(
    TOP_ORDER.split(' ').flatMap((field) => (Object.hasOwn(top, field) ? [[field, top[field]]] : [])),
  ) as Fields;
}

/** What a workflow or a step may be called. */
export function nameFrom(text: string): string {
  const name = text.replaceAll(/[/#:\s\p{Cc}\p{Cs}]+/gu, '-').slice(0, MAX_NAME);
  return name === '' || name === END ? `${name}_` : name;
}

function namesFor(steps: readonly StepDraft[], report: Report): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const used = new Set<string>();
  for (const { id, at } of steps) {
    let name = nameFrom(id);
    for (let number = 2; used.has(name); number++) name = `${nameFrom(id).slice(0, MAX_NAME - 4)}-${number}`;
    used.add(name);
    names.set(id, name);
    if (name !== id)
      report.note(`${textOfPath(at)} is named ${name}: a step's name is plain and short`, `steps.${name}`);
  }
  return names;
}

/** An edge with both of its ends; what leads to a finalizer ends its path. */
function tied(edge: EdgeDraft, byId: ReadonlyMap<string, StepDraft>, report: Report): readonly EdgeDraft[] {
  for (const name of [edge.from, edge.to]) {
    if (name === END || byId.has(name)) continue;
    report.refuse('IMPORT_NODE_UNKNOWN', edge.at, { params: { name }, near: { name, known: byId.keys() } });
    return [];
  }
  if (byId.get(edge.from)?.step['finalize'] !== undefined) {
    if (edge.to === END) return [];
    report.refuse('IMPORT_DIFFERS', edge.at, {
      params: { problem: `"${edge.from}" runs after everything else here, and nothing follows it` },
    });
    return [];
  }
  if (byId.get(edge.to)?.step['finalize'] === undefined) return [edge];
  report.note(`${textOfPath(edge.at)} ends its path: "${edge.to}" runs when all paths have ended`, 'edges');
  return [{ ...edge, to: END }];
}

/** Nodes that begin by themselves, or that nothing leads to. */
function checkReach({ steps, start, routed }: Draft, edges: readonly EdgeDraft[], report: Report): void {
  const reached = new Set([start, ...routed]);
  const leaving = Map.groupBy(edges, ({ from }) => from);
  for (const id of reached) for (const { to } of leaving.get(id) ?? []) if (to !== END) reached.add(to);
  for (const { id, at, step } of steps) {
    if (step['finalize'] !== undefined || reached.has(id)) continue;
    const problem = `"${id}" begins by itself there, and here nothing but "${start}" does`;
    report.refuse('IMPORT_DIFFERS', at, { params: { problem } });
  }
}

/** The edges that lead back on a walk in the order of the file. */
function backEdges({ start, routed }: Draft, edges: readonly EdgeDraft[]): ReadonlySet<EdgeDraft> {
  const leaving = Map.groupBy(edges, ({ from }) => from);
  const state = new Map<string, 'open' | 'done'>();
  const back = new Set<EdgeDraft>();
  for (const root of [start, ...routed]) {
    const trail = [{ id: root, next: 0 }];
    if (!state.has(root)) state.set(root, 'open');
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const edge = leaving.get(top.id)?.[top.next++];
      if (edge === undefined) {
        state.set(top.id, 'done');
        trail.pop();
      } else if (state.get(edge.to) === 'open') back.add(edge);
      else if (edge.to !== END && !state.has(edge.to)) {
        state.set(edge.to, 'open');
        trail.push({ id: edge.to, next: 0 });
      }
    }
  }
  return back;
}

function writtenEdge(
  { from, to, on, when, isElse }: EdgeDraft,
  names: ReadonlyMap<string, string>,
  max: number | undefined,
): string | Fields {
  const ends = { from: names.get(from) as string, to: names.get(to) ?? END };
  if (!on && when === undefined && !isElse && max === undefined) return `${ends.from} -> ${ends.to}`;
  return {
    ...ends,
    ...(on ? { on: on.length === 1 ? (on[0] as string) : [...on] } : {}),
    ...(when === undefined ? {} : { when }),
    ...(isElse ? { else: true } : {}),
    ...(max === undefined ? {} : { loop: { max } }),
  };
}

/** Which of them are not there before. */
function firstOfEach(edges: readonly (string | Fields)[]): readonly boolean[] {
  const seen = new Set<string>();
  return edges.map((edge) => {
    const said = JSON.stringify(edge);
    const isFirst = !seen.has(said);
    seen.add(said);
    return isFirst;
  });
}

interface Origin {
  readonly draft: Draft;
  readonly edges: readonly EdgeDraft[];
  readonly names: ReadonlyMap<string, string>;
}

/** What our own validation has against the document is refused at the place that it came from. */
function checkResult(document: Fields, origin: Origin, report: Report): void {
  for (const { severity, path, message } of validateValue(document).problems)
    if (severity === 'error')
      report.refuse('IMPORT_RESULT', originOf(path, origin), {
        params: { problem: message.replace(/\.$/, '') },
      });
}

function originOf(path: string, { draft, edges, names }: Origin): DocumentPath {
  const index = /^edges\[(\d+)\]/.exec(path)?.[1];
  if (index !== undefined) return edges[Number(index)]?.at ?? [];
  const [top = ''] = path.split(/[.[]/);
  const named = draft.origins?.[top];
  if (named !== undefined) return named;
  const step = draft.steps.find(({ id }) => {
    const own = textOfPath(['steps', names.get(id) as string]);
    return path === own || path.startsWith(`${own}.`) || path.startsWith(`${own}[`);
  });
  return step?.at ?? [];
}
