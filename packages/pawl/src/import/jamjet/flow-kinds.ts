/** Nodes that route: conditions, forks, joins, markers. */
import { readCondition } from '../condition.ts';
import { END } from '../draft.ts';
import type { Json } from '../../std/index.ts';
import type { Part } from '../part.ts';
import type { Built, JamNode, Route } from './node.ts';

/** Labels that mean something of their own in the format. */
const RESERVED = new Set('failed rejected expired declined cancelled exhausted end ok *'.split(' '));

interface Branch {
  readonly when: Part | undefined;
  readonly to: string;
  readonly at: Part;
}

export function conditionKind(node: JamNode): Built {
  const branches = branchesOf(node);
  if (branches.length === 0) return { step: { kind: 'join' } };
  const labels = new Set<string>();
  const written: Json[] = [];
  const routes: Route[] = [];
  let otherwise: string | undefined;
  for (const { when, to, at } of branches) {
    if (when === undefined && otherwise !== undefined) {
      at.without('a second default, which is never taken');
      continue;
    }
    const label = labelFor(to, labels);
    routes.push({ labels: [label], to, at });
    if (when === undefined) otherwise = label;
    else written.push({ name: label, when: conditionAt(when, node) });
    when?.to(node.target('with.branches'));
  }
  const [first] = routes;
  if (written.length === 0 && first)
    return { step: { kind: 'join' }, routes: [{ ...first, labels: [] }], isChoice: true };
  if (otherwise === undefined) {
    otherwise = labelFor('otherwise', labels);
    routes.push({ labels: [otherwise], to: END, at: node.part });
    node.setting.report.note(
      'where no branch is true the path ends, as it does there',
      node.target('with.default'),
    );
  }
  return {
    step: { kind: 'condition', with: { branches: written, default: otherwise } },
    routes,
    isChoice: true,
  };
}

/** Branches as a list with a default, or as `expression`, `if_true` and `if_false`. */
function branchesOf(node: JamNode): readonly Branch[] {
  const listed = node
    .find('branches', 'conditions')
    .items()
    .flatMap((item) => branchOf(item) ?? []);
  const [fallback] = [node.find('default')].filter((part) => part.isThere);
  const expression = node.find('expression');
  const [yes, no] = [node.find('if_true'), node.find('if_false')];
  const single: Branch[] =
    expression.isThere && yes.isThere ? [{ when: expression, to: yes.text() ?? END, at: yes }] : [];
  const others = [fallback, no].flatMap((part): Branch[] =>
    part?.isThere ? [{ when: undefined, to: part.text() ?? END, at: part }] : [],
  );
  return [...listed, ...single, ...others];
}

function branchOf(item: Part): Branch | undefined {
  const when = item.find('condition', 'when', 'if');
  const at = item.find('target', 'next', 'to');
  const to = at.text();
  if (to === undefined) {
    item.refuse('IMPORT_SHAPE', { problem: 'a branch names the node that it leads to' });
    return undefined;
  }
  return { when: when.isThere ? when : undefined, to, at };
}

/** Targets repeat, and some are words with a meaning of their own. */
function labelFor(target: string, used: Set<string>): string {
  const plain = target.replaceAll(/[\s*]+/gu, '-').slice(0, 56) || 'branch';
  const base = RESERVED.has(plain) ? `to-${plain}` : plain;
  let label = base;
  for (let number = 2; used.has(label); number++) label = `${base}-${number}`;
  used.add(label);
  return label;
}

/** The condition as CEL; one that cannot be read is refused. */
function conditionAt(part: Part, node: JamNode): string {
  const text = part.text() ?? '';
  const reading = readCondition(text, node.setting.style);
  if (!reading.ok) {
    part.refuse('IMPORT_CONDITION', { condition: text, problem: reading.problem });
    return 'true';
  }
  if (/(?<![\w."])output\./.test(reading.condition.cel))
    part.refuse('IMPORT_CONDITION', {
      condition: text,
      problem:
        'a condition of a node knows the state alone; an output is asked for on the edge that leaves its step',
    });
  return reading.condition.cel;
}

export function parallelKind(node: JamNode): Built {
  const routes = node
    .find('branches')
    .items()
    .flatMap((at): Route[] => {
      const to = at.text();
      return to === undefined ? [] : [{ labels: [], to, at }];
    });
  return { step: { kind: 'parallel' }, routes };
}

export function joinKind(node: JamNode): Built {
  const awaits = node
    .find('wait_for')
    .items()
    .flatMap((at) => {
      const id = at.text();
      return id === undefined ? [] : [{ id, at }];
    });
  return { step: { kind: 'join', ...mergeOf(node) }, awaits };
}

function mergeOf(node: JamNode): { join?: string } {
  const part = node.find('merge_strategy');
  const custom = part.at('custom');
  if (custom.isThere) {
    part.without(
      'no function merges here: what the branches saved is in the state, each with its own merge rule',
    );
    return {};
  }
  const strategy = part.text();
  if (strategy === undefined) return {};
  if (strategy === 'first') {
    part.to(node.target('join'));
    return { join: 'any' };
  }
  if (strategy === 'collect')
    part.nearly(
      node.target('join'),
      'it waits for all; their outputs stay with their steps, as `steps.NAME.output`',
    );
  else part.refuse('IMPORT_SHAPE', { problem: 'must be collect, first or custom' });
  return {};
}

/** A marker without work of its own; its node has the first word about it. */
export function markerKind(node: JamNode): Built {
  const [own, text] = [node.part.at('description'), node.find('description')];
  if (own.isThere || !text.isThere) {
    if (text.isThere && !own.isReported) text.without('the node has a description of its own');
    return { step: { kind: 'join' } };
  }
  const description = text.text();
  text.to(node.target('description'));
  return { step: { kind: 'join', ...(description === undefined ? {} : { description }) } };
}
