/** JamJet's YAML with nodes as a map beside `workflow`: each node says what comes next. */
import { type Draft, END } from '../draft.ts';
import type { Part } from '../part.ts';
import { draftOf } from './graph.ts';
import type { Onward } from './setting.ts';

export function isMapDialect(root: Part): boolean {
  return root.find('nodes').isRecord || root.at('workflow').at('nodes').isRecord;
}

export function readMapDialect(root: Part, spokenOf: Set<string>): Draft | undefined {
  const top = root.at('workflow').isRecord ? root.at('workflow') : root;
  const nodes = root.at('nodes').isThere ? root.at('nodes') : top.at('nodes');
  const entries = nodes.entries();
  const ends = new Set(entries.filter(([, part]) => part.at('type').value === END).map(([id]) => id));
  for (const [id, part] of entries)
    if (ends.has(id)) part.at('type').to('edges', 'what leads to it leads to the end');
  const routes = new Routes(ends, new Map(entries));
  const agents = root.at('agents');
  return draftOf({
    top,
    beside: root,
    id: top.at('id'),
    start: top.find('start', 'start_node'),
    nodes: entries
      .filter(([id]) => !ends.has(id))
      .map(([id, part]) => ({ id, part, type: part.at('type'), places: [part] })),
    onward: (id) => routes.from(id),
    shelves: {
      models: [root.at('models')],
      tools: [root.at('tools')],
      servers: [root.at('mcp').at('servers'), root.at('mcp_servers'), ...inside(agents, 'mcp', 'servers')],
      agents: [
        root.at('a2a').at('remote_agents'),
        root.at('remote_agents'),
        ...inside(agents, 'a2a', 'remote_agents'),
      ],
      definitions: [agents],
      policies: [root.at('policies')],
    },
    hasBareNames: false,
    isFirstTaken: true,
    savesAll: true,
    hasDefaultTimeout: true,
    spokenOf,
    ends,
  });
}

/** What the agents of a project bring along. */
function inside(agents: Part, ...keys: readonly [string, string]): readonly Part[] {
  return agents.entries().map(([, agent]) => agent.at(keys[0]).at(keys[1]));
}

/** Where each node leads: by its own `next`, or by that of the fork that it is a branch of. */
class Routes {
  readonly #ends: ReadonlySet<string>;
  readonly #nodes: ReadonlyMap<string, Part>;
  readonly #after = new Map<string, Part>();

  constructor(ends: ReadonlySet<string>, nodes: ReadonlyMap<string, Part>) {
    this.#ends = ends;
    this.#nodes = nodes;
    for (const part of nodes.values()) if (part.at('type').value === 'parallel') this.#noteBranches(part);
  }

  from(id: string): readonly Onward[] {
    const part = this.#nodes.get(id) as Part;
    if (part.at('type').value === 'parallel' && part.at('branches').isThere) return [];
    const next = part.at('next').isThere ? part.at('next') : this.#after.get(id);
    if (next === undefined) return [];
    return Array.isArray(next.value) ? next.items().flatMap((item) => this.#edge(item)) : this.#edge(next);
  }

  #noteBranches(part: Part): void {
    const next = part.find('next', 'join');
    if (!next.isThere) return;
    for (const branch of part.at('branches').items())
      if (typeof branch.value === 'string') this.#after.set(branch.value, next);
    next.to('edges', 'after its branches, unless they say themselves what comes next');
  }

  #edge(item: Part): readonly Onward[] {
    if (!item.isRecord) return this.#to(item, undefined);
    const when = item.find('when', 'condition', 'if');
    return this.#to(item.find('to', 'next', 'else'), when.isThere ? when : undefined);
  }

  #to(at: Part, when: Part | undefined): readonly Onward[] {
    const name = at.text();
    if (name === undefined) {
      at.refuse('IMPORT_SHAPE', { problem: 'names no node' });
      return [];
    }
    return [{ to: this.#ends.has(name) ? END : name, when, at }];
  }
}
