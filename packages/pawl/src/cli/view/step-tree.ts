/** The steps of a run as a tree: scopes, made from paths, hold what was called inside them. */
import type { StepView } from '../../engine/index.ts';

export interface TreeRow {
  readonly depth: number;
  /** The last part of the path; several where a scope holds only one thing. */
  readonly name: string;
  /** Missing for a scope: `parallel`, `race` and `map` write no events of their own. */
  readonly step?: StepView;
  /** Of a scope: the steps inside it, at any depth. */
  readonly inner?: readonly StepView[];
}

interface Knot {
  readonly name: string;
  step?: StepView;
  readonly inner: Map<string, Knot>;
}

/** Rows from the top down; siblings stand in the order in which they were first seen. */
export function treeOf(steps: readonly StepView[]): TreeRow[] {
  const root: Knot = { name: '', inner: new Map() };
  for (const step of steps) knotAt(root, step.path.split('/')).step = step;
  return rowsOf(root, 0);
}

function knotAt(root: Knot, parts: readonly string[]): Knot {
  let knot = root;
  for (const part of parts) {
    const inner: Knot = knot.inner.get(part) ?? { name: part, inner: new Map() };
    knot.inner.set(part, inner);
    knot = inner;
  }
  return knot;
}

function rowsOf(parent: Knot, depth: number): TreeRow[] {
  return [...parent.inner.values()].flatMap((knot) => {
    const { name, end } = shortened(knot);
    const rows = rowsOf(end, depth + 1);
    if (end.step) return [{ depth, name, step: end.step }, ...rows];
    return [{ depth, name, inner: rows.flatMap(({ step }) => step ?? []) }, ...rows];
  });
}

/** A scope that holds nothing but one thing shares its row: `license/license` is `license`, `a/b` stays `a/b`. */
function shortened(knot: Knot): { readonly name: string; readonly end: Knot } {
  let [name, end] = [knot.name, knot];
  for (;;) {
    const [only] = end.inner.values();
    if (end.step !== undefined || only === undefined || end.inner.size > 1) return { name, end };
    name = only.name === end.name ? name : `${name}/${only.name}`;
    end = only;
  }
}
