/** What a graph uses by name, so that whoever registers it can ask for each of them: kinds, and functions. */
import type { Json } from '../std/index.ts';
import { isRecord } from './expression-types.ts';
import type { Graph } from './graph.ts';
import { type DocumentPath, textOfPath } from './problem.ts';

export interface NameUsed {
  /** The place of the name in the document. */
  readonly path: string;
  readonly name: string;
  /** The queue that its step names. */
  readonly queue: string | undefined;
}

/** The kinds of all steps, in the order of the document, those of items included. */
export function kindsNamed(graph: Graph): readonly NameUsed[] {
  return declaredSteps(graph.source).map(({ path, kind, queue }) => ({
    path: textOfPath([...path, 'kind']),
    name: kind,
    queue,
  }));
}

/** The functions of all steps. A name that a template makes is known only when its step runs. */
export function functionsNamed(graph: Graph): readonly NameUsed[] {
  return functionsIn(graph.source).map((used) => ({ ...used, path: textOfPath(used.path) }));
}

/** The same for a document that may be no graph yet, with places that can be found in it. */
export function functionsIn(
  source: Graph['source'],
): readonly (Omit<NameUsed, 'path'> & { readonly path: DocumentPath })[] {
  return declaredSteps(source).flatMap(({ path, kind, queue, with: given }) => {
    const name = given?.function;
    return kind === 'function' && isPlain(name) ? [{ path: [...path, 'with', 'function'], name, queue }] : [];
  });
}

/** The workflows that steps start as children, with the version where one is named. */
export function workflowsNamed(
  graph: Graph,
): readonly (Pick<NameUsed, 'path' | 'name'> & { readonly version: string | undefined })[] {
  return declaredSteps(graph.source).flatMap(({ path, kind, with: given = {} }) => {
    const { workflow: name, version } = given;
    const isKnown = isPlain(name) && (version === undefined || isPlain(version));
    return kind === 'workflow' && isKnown
      ? [{ path: textOfPath([...path, 'with', 'workflow']), name, version }]
      : [];
  });
}

/** A text that no template makes. */
function isPlain(value: Json | undefined): value is string {
  return typeof value === 'string' && !value.includes('{{');
}

/** A step as the document has it. */
interface Declared {
  readonly path: DocumentPath;
  readonly kind: string;
  readonly queue: string | undefined;
  readonly with: Readonly<Record<string, Json>> | undefined;
}

function declaredSteps(source: Graph['source']): readonly Declared[] {
  const steps = isRecord(source) && isRecord(source.steps) ? source.steps : {};
  return Object.entries(steps).flatMap(([name, step]) => declaredIn(step, ['steps', name]));
}

/** A step, and what it does for each item. */
function declaredIn(step: Json | undefined, path: DocumentPath): readonly Declared[] {
  if (!isRecord(step) || typeof step.kind !== 'string') return [];
  const given = isRecord(step.with) ? step.with : undefined;
  const inner = step.kind === 'map' ? declaredIn(given?.step, [...path, 'with', 'step']) : [];
  const queue = typeof step.queue === 'string' ? step.queue : undefined;
  return [{ path, kind: step.kind, queue, with: given }, ...inner];
}
