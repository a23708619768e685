/** JamJet's YAML with nodes as a list inside `workflow`: each has a `config`, and edges of its own. */
import type { Draft } from '../draft.ts';
import { type Part } from '../part.ts';
import { draftOf } from './graph.ts';
import type { Onward } from './setting.ts';

export function isListDialect(root: Part): boolean {
  return Array.isArray(nodesOf(root).value);
}

function nodesOf(root: Part): Part {
  const inner = root.at('workflow').at('nodes');
  return inner.isThere ? inner : root.at('nodes');
}

export function readListDialect(root: Part, spokenOf: Set<string>): Draft | undefined {
  const top = root.at('workflow').isRecord ? root.at('workflow') : root;
  const nodes = new Map<string, Part>();
  for (const part of nodesOf(root).items()) {
    const id = part.at('id').word();
    if (id === undefined) part.refuse('IMPORT_SHAPE', { problem: 'a node has an id' });
    else if (nodes.has(id))
      part.at('id').refuse('IMPORT_SHAPE', { problem: `"${id}" is the id of two nodes` });
    else nodes.set(id, part);
    part.at('id').to(`steps.${id}`);
  }
  return draftOf({
    top,
    beside: root,
    id: top.at('id'),
    start: top.find('start_node', 'start'),
    nodes: [...nodes].map(([id, part]) => ({
      id,
      part,
      type: part.find('kind', 'type'),
      places: [part.at('config'), part],
    })),
    onward: (id) => onwardOf(nodes.get(id) as Part),
    shelves: {
      models: [root.at('models')],
      tools: [root.at('tools')],
      servers: [root.at('mcp').at('servers'), root.at('mcp_servers')],
      agents: [root.at('a2a').at('remote_agents'), root.at('remote_agents')],
      definitions: [root.at('agents')],
      policies: [root.at('policies')],
    },
    hasBareNames: true,
    isFirstTaken: true,
    savesAll: false,
    hasDefaultTimeout: true,
    spokenOf,
  });
}

/** `edges`, or `next` as in the other dialect. */
function onwardOf(part: Part): readonly Onward[] {
  const next = part.at('next');
  if (next.isThere && !Array.isArray(next.value)) return edgeOf(next);
  return part.find('edges', 'next').items().flatMap(edgeOf);
}

function edgeOf(edge: Part): readonly Onward[] {
  const at = edge.isRecord ? edge.find('to', 'next') : edge;
  const to = at.text();
  const when = edge.find('when', 'condition', 'if');
  if (to !== undefined) return [{ to, when: when.isThere ? when : undefined, at }];
  edge.refuse('IMPORT_SHAPE', { problem: 'an edge names the node that it leads to' });
  return [];
}
