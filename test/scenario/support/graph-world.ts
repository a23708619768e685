/** Graphs of a few lines, and the functions that their steps call. */
import { parseGraph } from 'pawl';
import type { AnyKind } from '../../../packages/pawl/src/step/index.ts';
import { type OpenedEngine, type OpenedOptions, openEngine } from './opened-engine.ts';

/** A graph of its steps and what else it has, by the name `w` unless it says so. */
export function graphOf(
  text: string,
  more: { readonly name?: string; readonly version?: string; readonly kinds?: readonly AnyKind[] } = {},
) {
  const { name = 'w', version = '1', kinds } = more;
  return parseGraph(`pawl: 1\nworkflow: ${name}\nversion: "${version}"\n${text}`, kinds ? { kinds } : {});
}

/** Starts the graph as `run` and lets a second pass. */
export async function played(
  text: string,
  options: OpenedOptions & { readonly also?: readonly unknown[]; readonly input?: unknown } = {},
): Promise<OpenedEngine> {
  const { also = [], input = {}, ...rest } = options;
  const graph = graphOf(text, rest.kinds ? { kinds: rest.kinds } : {});
  const opened = await openEngine([graph, ...also], rest);
  await opened.engine.start(graph, input, { id: 'run' });
  await opened.platform.advance(1_000);
  return opened;
}

export function hang(): Promise<never> {
  return new Promise(() => undefined);
}
