/** The built-in step kinds as the format knows them, those without an executor included. */
import type { CustomKind, KindSpec } from './kind-spec.ts';

const STEP = { opens: 'step', queue: 'general', labels: ['ok'], required: [] } as const;
const WAIT = { opens: 'wait', queue: 'general', required: [] } as const;

export const DEFAULT_KINDS: readonly KindSpec[] = [
  {
    ...STEP,
    name: 'shell',
    optional: ['command', 'argv', 'cwd', 'env', 'cleanEnv', 'stdin', 'allowExit'],
  },
  {
    ...STEP,
    name: 'http',
    required: ['url'],
    optional: [
      'method',
      'headers',
      'query',
      'body',
      'json',
      'form',
      'allowStatus',
      'allowPrivate',
      'maxBodyBytes',
    ],
  },
  { ...STEP, name: 'function', required: ['function'], optional: ['input'] },
  { ...STEP, name: 'parallel', optional: [] },
  { ...STEP, name: 'join', optional: [] },
  { ...STEP, name: 'condition', labels: [], required: ['branches'], optional: ['default'] },
  {
    ...STEP,
    name: 'map',
    labels: ['ok', 'partial'],
    required: ['items', 'step'],
    optional: ['concurrency', 'strategy', 'minSuccess', 'key'],
  },
  { ...STEP, name: 'reduce', required: ['items', 'strategy'], optional: ['separator', 'expression'] },
  { ...STEP, name: 'verify', labels: ['passed'], required: ['clauses'], optional: [] },
  {
    name: 'workflow',
    opens: 'child',
    queue: 'general',
    labels: ['ok', 'cancelled'],
    required: ['workflow'],
    optional: ['version', 'input'],
  },
  { ...WAIT, name: 'sleep', labels: ['ok'], optional: ['for', 'until'] },
  { ...WAIT, name: 'signal', labels: ['received', 'expired'], optional: ['name', 'timeout', 'schema'] },
  {
    ...WAIT,
    name: 'approval',
    labels: ['approved', 'rejected', 'expired'],
    required: ['message'],
    optional: ['args', 'approvers', 'deadline', 'onTimeout'],
  },
  {
    ...WAIT,
    name: 'input',
    labels: ['answered', 'expired'],
    optional: ['message', 'schema', 'deadline'],
  },
  {
    ...WAIT,
    name: 'escalate',
    labels: ['resolved', 'declined', 'expired'],
    required: ['to', 'message'],
    optional: ['args', 'deadline'],
  },
  { ...STEP, name: 'model', queue: 'model', isLater: true },
  { ...STEP, name: 'agent', labels: ['ok', 'exhausted'], isLater: true },
  { ...STEP, name: 'tool', queue: 'tool', isLater: true },
  { ...STEP, name: 'mcp', queue: 'tool', isLater: true },
  { ...STEP, name: 'a2a', queue: 'tool', isLater: true },
  { ...STEP, name: 'agent_tool', isLater: true },
  { ...STEP, name: 'coordinator', isLater: true },
  { ...STEP, name: 'policy', queue: 'privileged', labels: ['passed'], isLater: true },
];

/** Names that are taken, those without an executor included. */
export const BUILT_IN_KINDS: readonly string[] = DEFAULT_KINDS.map(({ name }) => name);

/** The kinds that a graph may use: the built-in ones and, by name, those that somebody brings. */
export function kindTable(custom: readonly CustomKind[] = []): ReadonlyMap<string, KindSpec> {
  return new Map([...DEFAULT_KINDS, ...custom.map(specOf)].map((spec) => [spec.name, spec]));
}

function specOf({ name, labels, queue, opens, required, optional, isLater }: CustomKind): KindSpec {
  return {
    name,
    labels: labels === undefined || labels === 'any' ? STEP.labels : labels,
    queue: queue ?? STEP.queue,
    opens: opens ?? STEP.opens,
    required: required ?? STEP.required,
    optional,
    isLater: isLater ?? false,
  };
}
