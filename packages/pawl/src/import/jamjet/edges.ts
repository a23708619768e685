/** The edges of a node: those of its kind, and those that the file draws from it. */
import { areExclusive, type Condition, readCondition } from '../condition.ts';
import { END, type EdgeDraft } from '../draft.ts';
import type { Built, JamNode } from './node.ts';
import type { Onward } from './setting.ts';

/** Nodes with what they became. */
export interface BuiltNode {
  readonly node: JamNode;
  readonly built: Built;
}

export function edgesOf(all: readonly BuiltNode[]): readonly EdgeDraft[] {
  const edges = all.flatMap((one) => [...routesOf(one), ...onwardOf(one)]);
  const known = new Set(edges.map(({ from, to }) => `${from} ${to}`));
  const choices = new Set(all.filter(({ built }) => built.isChoice).map(({ node }) => node.id));
  const awaited = all.flatMap(({ node, built }) =>
    (built.awaits ?? []).flatMap(({ id, at }): EdgeDraft[] => {
      const isKnown = known.has(`${id} ${node.id}`);
      if (!isKnown && choices.has(id)) at.without('no branch of that condition leads here');
      else at.to('edges');
      return isKnown || choices.has(id) ? [] : [{ from: id, to: node.id, at: at.path }];
    }),
  );
  return [...edges, ...awaited];
}

function routesOf({ node, built }: BuiltNode): readonly EdgeDraft[] {
  return (built.routes ?? []).map(({ labels, to, at }) => {
    if (at !== node.part) at.to('edges');
    return { from: node.id, to, at: at.path, on: labels.length === 0 ? undefined : labels };
  });
}

interface Edge extends Onward {
  readonly condition: Condition | undefined;
}

/** Ordinary edges: all that are true, or the first one where the dialect says so. */
function onwardOf(one: BuiltNode): readonly EdgeDraft[] {
  const { node, built } = one;
  const routed = new Set((built.routes ?? []).map(({ to }) => to));
  if (built.isChoice) return deadBeside(node.onward, routed);
  const own = node.onward.filter((edge) => !repeats(edge, { ...one, routed }));
  const { helper } = built;
  if (!helper)
    return drawn(
      own.map((edge) => read(edge, node)),
      node,
      built.labels,
    );
  const after = drawn(
    own.map((edge) => read(edge, node)),
    node,
    built.labels,
  );
  const asked = after.map((edge) => ({ ...edge, from: helper.id }));
  return [...after, { from: node.id, to: helper.id, at: node.part.path, on: [helper.on] }, ...asked];
}

/** Of a condition: what leads to a target of its branches is that branch, anything else is never taken. */
function deadBeside(onward: readonly Onward[], routed: ReadonlySet<string>): readonly EdgeDraft[] {
  for (const { to, at, when } of onward) {
    if (routed.has(to)) at.to('edges', 'the branch to it');
    else at.without('no branch of the condition leads there, so that it is never taken');
    if (when && routed.has(to)) when.without('the condition of the branch decides');
  }
  return [];
}

/** An edge that a route says already: the branches of a fork, the way after an approval. */
function repeats(
  { to, at, when }: Onward,
  { built, routed }: BuiltNode & { readonly routed: ReadonlySet<string> },
): boolean {
  if (when || !routed.has(to) || to === END) return false;
  if (built.step['kind'] !== 'parallel' && built.step['kind'] !== 'approval') return false;
  at.to('edges', 'said by the node too');
  return true;
}

function read({ to, when, at }: Onward, node: JamNode): Edge {
  const text = when?.text();
  if (when === undefined || text === undefined) return { to, when: undefined, at, condition: undefined };
  const reading = readCondition(text, node.setting.style);
  if (reading.ok) return { to, when, at, condition: reading.condition };
  when.refuse('IMPORT_CONDITION', { condition: text, problem: reading.problem });
  return { to, when, at, condition: { cel: 'true' } };
}

function drawn(
  edges: readonly Edge[],
  node: JamNode,
  on: readonly string[] | undefined,
): readonly EdgeDraft[] {
  const made = edges.map((edge, index) => drawnEdge(edge, { edges, index, node, on }));
  const conditional = edges.filter(({ condition }) => condition !== undefined);
  const isOpen = conditional.length > 0 && conditional.length === edges.length;
  const labelsAlone = made.every(({ when }) => when === undefined);
  if (!isOpen || labelsAlone) return made;
  node.setting.report.note(
    'where no condition is true the path ends, as it does there',
    `edges from ${node.id}`,
  );
  return [...made, { from: node.id, to: END, at: node.part.path, on: labelsOn(on), isElse: true }];
}

interface Drawing {
  readonly edges: readonly Edge[];
  readonly index: number;
  readonly node: JamNode;
  readonly on: readonly string[] | undefined;
}

function drawnEdge({ to, when, at, condition }: Edge, { edges, index, node, on }: Drawing): EdgeDraft {
  const base = { from: node.id, to, at: at.path };
  const decided = condition && decisionOf(node, condition);
  if (decided) {
    at.to('edges');
    when?.nearly('edges', `asked by the label of the approval: ${decided.join(', ')}`);
    return { ...base, on: decided };
  }
  const first = node.setting.isFirstTaken;
  if (condition === undefined) {
    const isElse = first && edges.some((edge) => edge.condition !== undefined);
    if (isElse) at.nearly('edges', 'taken where no other one is: `else`');
    else at.to('edges');
    return { ...base, on: labelsOn(on), isElse };
  }
  const earlier = first ? edges.slice(0, index).flatMap((edge) => edge.condition ?? []) : [];
  const others = earlier.filter((other) => !areExclusive(other, condition));
  at.to('edges');
  if (others.length > 0)
    when?.nearly('edges', 'the first that is true is taken: it excludes those before it');
  else when?.to('edges');
  const exclusions = others.map(({ cel }) => `!(${cel})`);
  const own = others.length > 0 && /\|\||\?/.test(condition.cel) ? `(${condition.cel})` : condition.cel;
  return { ...base, on: labelsOn(on), when: [...exclusions, own].join(' && ') };
}

/** Approved is a good label: an edge without `on` leaves on it. */
function labelsOn(on: readonly string[] | undefined): readonly string[] | undefined {
  return on !== undefined && on.length === 1 && (on[0] === 'approved' || on[0] === 'received')
    ? undefined
    : on;
}

/** Of an approval: a condition on its decision is one on its label. */
function decisionOf({ type }: JamNode, { equals }: Condition): readonly string[] | undefined {
  if (type !== 'human_approval' || equals === undefined) return undefined;
  const field = /^(?:dyn\()?(?:state|output)\.(\w+)\)?$/.exec(equals.path)?.[1];
  if (field === 'approved') return equals.literal === 'true' ? ['approved'] : ['rejected', 'expired'];
  if (field !== 'decision') return undefined;
  return DECISIONS[equals.literal];
}

const DECISIONS: Readonly<Record<string, readonly string[]>> = {
  '"approved"': ['approved'],
  '"rejected"': ['rejected', 'expired'],
  '"expired"': ['expired'],
};
