/** The kinds of JamJet's nodes, and what each becomes. */
import { kindTable } from '../../graph/index.ts';
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

/** Where the nodes of a kind wait for a worker there; the others on `general`. */
const QUEUES: Readonly<Record<string, string>> = {
  model: 'model',
  tool: 'tool',
  finalizer: 'tool',
  mcp_tool: 'tool',
  a2a_task: 'tool',
  python_fn: 'python_tool',
  java_fn: 'java_tool',
  memory_retrieval: 'retrieval',
};

const OWN = kindTable();

/** Undefined where it is that of the kind here, and for what is no work for a queue. */
function queueOf({ type }: JamNode, kind: string): string | undefined {
  const own = OWN.get(kind);
  const there = QUEUES[type] ?? own?.queue;
  return own?.opens !== 'step' || there === own.queue ? undefined : there;
}

/** What a node becomes; a kind that nobody knows is refused, never taken for another one. */
export function build(node: JamNode): Built {
  const rule = Object.hasOwn(KINDS, node.type) ? KINDS[node.type] : undefined;
  const built = rule?.(node);
  const type = node.find('type', 'kind');
  if (built) {
    const queue = queueOf(node, built.step.kind);
    type.to(node.target('kind'), queue === undefined ? undefined : `on the queue ${queue}, as there`);
    return queue === undefined ? built : { ...built, step: { ...built.step, queue } };
  }
  if (node.type === '') type.refuse('IMPORT_SHAPE', { problem: 'must be the name of a kind' });
  if (node.type === '') return { step: { kind: 'join' } };
  const params = { kind: node.type };
  type.refuse('IMPORT_KIND_UNKNOWN', params, { name: node.type, known: Object.keys(KINDS) });
  return { step: { kind: 'join' } };
}
