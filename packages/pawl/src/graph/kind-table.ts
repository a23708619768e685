/** The built-in step kinds as the format knows them, those without an executor included. */
import type { CustomKind, KindSpec } from './kind-spec.ts';
import { fieldsOf, WITH_SCHEMAS } from './with-schemas.ts';

const STEP = { opens: 'step', queue: 'general', labels: ['ok'], required: [] } as const;
const WAIT = { opens: 'wait', queue: 'general' } as const;

export const DEFAULT_KINDS = [
  { ...STEP, name: 'shell', ...fieldsOf(WITH_SCHEMAS.shell) },
  { ...STEP, name: 'http', ...fieldsOf(WITH_SCHEMAS.http) },
  { ...STEP, name: 'function', ...fieldsOf(WITH_SCHEMAS.function) },
  { ...STEP, name: 'parallel', ...fieldsOf(WITH_SCHEMAS.parallel) },
  { ...STEP, name: 'join', ...fieldsOf(WITH_SCHEMAS.join) },
  { ...STEP, name: 'condition', labels: [], ...fieldsOf(WITH_SCHEMAS.condition) },
  { ...STEP, name: 'map', labels: ['ok', 'partial'], ...fieldsOf(WITH_SCHEMAS.map) },
  { ...STEP, name: 'reduce', ...fieldsOf(WITH_SCHEMAS.reduce) },
  { ...STEP, name: 'verify', labels: ['passed'], required: ['clauses'], optional: [] },
  {
    name: 'workflow',
    opens: 'child',
    queue: 'general',
    labels: ['ok', 'cancelled'],
    ...fieldsOf(WITH_SCHEMAS.workflow),
  },
  { ...WAIT, name: 'sleep', labels: ['ok'], ...fieldsOf(WITH_SCHEMAS.sleep) },
  { ...WAIT, name: 'signal', labels: ['received', 'expired'], ...fieldsOf(WITH_SCHEMAS.signal) },
  {
    ...WAIT,
    name: 'approval',
    labels: ['approved', 'rejected', 'expired'],
    ...fieldsOf(WITH_SCHEMAS.approval),
  },
  { ...WAIT, name: 'input', labels: ['answered', 'expired'], ...fieldsOf(WITH_SCHEMAS.input) },
  {
    ...WAIT,
    name: 'escalate',
    labels: ['resolved', 'declined', 'expired'],
    ...fieldsOf(WITH_SCHEMAS.escalate),
  },
  { ...STEP, name: 'model', queue: 'model', isLater: true },
  { ...STEP, name: 'agent', labels: ['ok', 'exhausted'], isLater: true },
  { ...STEP, name: 'tool', queue: 'tool', isLater: true },
  { ...STEP, name: 'mcp', queue: 'tool', isLater: true },
  { ...STEP, name: 'a2a', queue: 'tool', isLater: true },
  { ...STEP, name: 'agent_tool', isLater: true },
  { ...STEP, name: 'coordinator', isLater: true },
  { ...STEP, name: 'policy', queue: 'privileged', labels: ['passed'], isLater: true },
] as const satisfies readonly KindSpec[];

/** Names that are taken, those without an executor included. */
export const BUILT_IN_KINDS: readonly string[] = DEFAULT_KINDS.map(({ name }) => name);

/** The kinds that a graph may use: the built-in ones and, by name, those that somebody brings. */
export function kindTable(custom: readonly CustomKind[] = []): ReadonlyMap<string, KindSpec> {
  const specs: readonly KindSpec[] = [...DEFAULT_KINDS, ...custom.map(specOf)];
  return new Map(specs.map((spec) => [spec.name, spec]));
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
