/** The functions that a graph calls by name: whoever registers it can ask for each of them. */
import type { Json } from '../std/index.ts';
import { isRecord } from './expression-types.ts';
import type { Graph } from './graph.ts';
import { type DocumentPath, textOfPath } from './problem.ts';

export interface FunctionNamed {
  /** The place of the name in the document. */
  readonly path: string;
  readonly name: string;
}

/** In the order of the document. A name that a template makes is known only when its step runs. */
export function functionsNamed({ source }: Graph): readonly FunctionNamed[] {
  const steps = isRecord(source) && isRecord(source.steps) ? source.steps : {};
  return Object.entries(steps).flatMap(([name, step]) => namedIn(step, ['steps', name]));
}

function namedIn(step: Json | undefined, path: DocumentPath): readonly FunctionNamed[] {
  if (!isRecord(step) || !isRecord(step.with)) return [];
  if (step.kind === 'map') return namedIn(step.with.step, [...path, 'with', 'step']);
  const name = step.with.function;
  if (step.kind !== 'function' || typeof name !== 'string' || name.includes('{{')) return [];
  return [{ path: textOfPath([...path, 'with', 'function']), name }];
}
