/** The digest of a graph: what two graphs with the same one do is the same, and how they were written does not matter. */
import { canonicalJson, digestText, type Json } from '../std/index.ts';
import { isRecord } from './expression-types.ts';
import { writtenOut } from './read-edges.ts';

/**
 * Over the document with sorted keys, except where their order means something: ready steps take places, and finalizers run,
 * in the order in which steps are written.
 */
export function digestOf(source: Readonly<Record<string, Json>>): string {
  const { steps, edges } = source;
  return digestText(
    canonicalJson({
      ...source,
      ...(isRecord(steps) ? { steps: Object.entries(steps) } : {}),
      ...(Array.isArray(edges) ? { edges: edges.map(writtenOut) } : {}),
    }),
  );
}
