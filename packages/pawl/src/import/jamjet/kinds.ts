/** The kinds of JamJet's nodes, and what each becomes. */
import {
  agentKind,
  a2aKind,
  agentToolKind,
  codeKind,
  coordinatorKind,
  discoveryKind,
  httpKind,
  mcpKind,
} from './work-kinds.ts';
import { modelKind, retrievalKind, toolKind } from './work-kinds.ts';
import { evalKind, finalizerKind, policyKind } from './check-kinds.ts';
import { conditionKind, joinKind, markerKind, parallelKind } from './flow-kinds.ts';
import type { Built, JamNode } from './node.ts';
import { approvalKind, childKind, waitKind } from './wait-kinds.ts';

const KINDS: Readonly<Record<string, (node: JamNode) => Built>> = {
  model: modelKind,
  tool: toolKind,
  python_fn: codeKind,
  java_fn: codeKind,
  http: httpKind,
  condition: conditionKind,
  branch: conditionKind,
  parallel: parallelKind,
  join: joinKind,
  human_approval: approvalKind,
  wait: waitKind,
  subgraph: childKind,
  memory_retrieval: retrievalKind,
  policy: policyKind,
  finalizer: finalizerKind,
  agent: agentKind,
  mcp_tool: mcpKind,
  a2a_task: a2aKind,
  agent_discovery: discoveryKind,
  coordinator: coordinatorKind,
  agent_tool: agentToolKind,
  eval: evalKind,
  limit_exceeded: markerKind,
};

/** Kinds whose work had a queue of its own there, and has none here. */
const QUEUES: Readonly<Record<string, string>> = {
  python_fn: 'python_tool',
  java_fn: 'java_tool',
  memory_retrieval: 'retrieval',
};

/** What a node becomes; a kind that nobody knows is refused, never taken for another one. */
export function build(node: JamNode): Built {
  const rule = Object.hasOwn(KINDS, node.type) ? KINDS[node.type] : undefined;
  const built = rule?.(node);
  const type = node.find('type', 'kind');
  if (built) {
    const queue = QUEUES[node.type];
    const note = `it runs on the queue general; there on ${queue ?? ''}`;
    if (queue === undefined) type.to(node.target('kind'));
    else type.nearly(node.target('kind'), note);
    return built;
  }
  const params = { kind: node.type };
  type.refuse('IMPORT_KIND_UNKNOWN', params, { name: node.type, known: Object.keys(KINDS) });
  return { step: { kind: 'join' } };
}
