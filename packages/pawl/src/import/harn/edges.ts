/** Edges of Harn: by the branch that a node ends with, else those without one. */
import { type EdgeDraft } from '../draft.ts';
import { type Part } from '../part.ts';
import type { Branch, HarnNode, HarnStep } from './node.ts';

export interface HarnEdge {
  readonly from: string;
  readonly to: string;
  readonly branch: Part;
  readonly at: Part;
}

export interface Placed {
  readonly node: HarnNode;
  readonly made: HarnStep;
}

export function edgesOf({ node, made }: Placed, edges: readonly HarnEdge[]): readonly EdgeDraft[] {
  const labelled = edges.filter(({ branch }) => branch.isThere);
  const plain = edges.filter(({ branch }) => !branch.isThere);
  const drawn = labelled.map((edge) => ({ edge, branches: branchesOf(edge, made) }));
  const named = new Set(drawn.flatMap(({ branches }) => branches.flatMap(({ on = [] }) => [...on])));
  const rest = made.good.filter((label) => !named.has(label));
  return [
    ...drawn.flatMap(({ edge, branches }) => branches.map((branch) => drawnEdge(edge, branch))),
    ...plain.flatMap((edge) => plainEdge(edge, { node, made, rest })),
  ];
}

function drawnEdge({ from, to, at }: HarnEdge, { on, when }: Branch): EdgeDraft {
  return { from, to, at: at.path, on, ...(when === undefined ? {} : { when }) };
}

/** Labels that nothing gives: the built-in loop waits for this one, and means that the repair is done. */
const NEVER_GIVEN = 'retry';

function branchesOf({ branch, to }: HarnEdge, { branches, good }: HarnStep): readonly Branch[] {
  const name = branch.text() ?? '';
  if (Object.hasOwn(branches, name)) {
    const found = branches[name];
    if (found === undefined) {
      branch.without(`nothing here ends as "${name}": the edge to "${to}" is left out`);
      return [];
    }
    branch.to('edges.on');
    return found;
  }
  if (name === NEVER_GIVEN) {
    branch.nearly(
      'edges',
      'no node ends as "retry" there, and the edge was never taken: here it is when the step went well',
    );
    return [good.length === 1 && good[0] === 'ok' ? {} : { on: good }];
  }
  const known = Object.keys(branches);
  branch.refuse('IMPORT_BRANCH_UNKNOWN', { branch: name, known: known.join(', ') }, { name, known });
  return [];
}

interface Plain extends Placed {
  /** Good labels that no other edge names. */
  readonly rest: readonly string[];
}

function plainEdge({ from, to, at }: HarnEdge, { made, rest }: Plain): readonly EdgeDraft[] {
  const target = at.at('to');
  if (rest.length === 0) {
    target.nearly(
      'edges',
      'followed there when the node failed; a failure needs an edge that names it, so that it is left out',
    );
    return [];
  }
  const isAll = rest.length === made.good.length;
  if (Object.hasOwn(made.branches, 'failed'))
    target.nearly('edges', 'followed there when the node failed too; here only when it went well');
  else target.to('edges');
  return [{ from, to, at: at.path, on: isAll ? undefined : rest }];
}
