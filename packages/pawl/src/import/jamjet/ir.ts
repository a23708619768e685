/** JamJet's intermediate representation: nodes by id, a list of edges, everything else by name. */
import type { Draft } from '../draft.ts';
import type { Part } from '../part.ts';
import { draftOf, type Source } from './graph.ts';
import type { Onward } from './setting.ts';

export function isIr(root: Part): boolean {
  return root.at('workflow_id').isThere || root.at('start_node').isThere;
}

export function readIr(root: Part, spokenOf: Set<string>): Draft | undefined {
  const onward = onwardByNode(root.at('edges'), new Set(Object.keys(root.at('nodes').fields)));
  const source: Source = {
    top: root,
    id: root.at('workflow_id'),
    start: root.at('start_node'),
    nodes: root
      .at('nodes')
      .entries()
      .map(([id, part]) => ({ id, part, type: part.at('kind').at('type'), places: [part.at('kind'), part] })),
    onward: (id) => onward.get(id) ?? [],
    shelves: {
      models: [root.at('models')],
      tools: [root.at('tools')],
      servers: [root.at('mcp_servers')],
      agents: [root.at('remote_agents')],
      definitions: [],
      policies: [],
    },
    hasBareNames: false,
    isFirstTaken: false,
    savesAll: true,
    hasDefaultTimeout: true,
    spokenOf,
  };
  for (const { id, part } of source.nodes) checkId(id, part.at('id'));
  return draftOf(source);
}

/** The id of a node is its key. */
function checkId(key: string, id: Part): void {
  if (!id.isThere) return;
  if (id.value === key) id.to(`steps.${key}`);
  else id.refuse('IMPORT_SHAPE', { problem: `must be "${key}", the key of the node` });
}

function onwardByNode(edges: Part, known: ReadonlySet<string>): ReadonlyMap<string, readonly Onward[]> {
  const all = edges.items().flatMap((at): (Onward & { from: string })[] => {
    const from = at.at('from');
    const to = at.at('to');
    const source = from.text();
    const target = to.text();
    if (source === undefined || target === undefined) {
      at.refuse('IMPORT_SHAPE', { problem: 'an edge has `from` and `to`' });
      return [];
    }
    if (known.has(source)) from.to('edges');
    else from.refuse('IMPORT_NODE_UNKNOWN', { name: source }, { name: source, known });
    const when = at.at('condition');
    return [{ from: source, to: target, when: when.isThere ? when : undefined, at: to }];
  });
  return Map.groupBy(all, ({ from }) => from);
}
