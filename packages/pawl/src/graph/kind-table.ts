/** The built-in step kinds as the format knows them, those without an executor included. */
import type { CustomKind, KindSpec } from './kind-spec.ts';
import { fieldsOf, WITH_SCHEMAS } from './with-schemas.ts';

const STEP = { opens: 'step', queue: 'general', labels: ['ok'], required: [] } as const;
const WAIT = { opens: 'wait', queue: 'general' } as const;

export const DEFAULT_KINDS = [
  {
    ...STEP,
    name: 'shell',
    does: 'Runs a command.',
    gives: '`{ stdout, stderr, exitCode, signal, truncated }`',
    ...fieldsOf(WITH_SCHEMAS.shell),
  },
  {
    ...STEP,
    name: 'http',
    does: 'Sends a request.',
    gives: '`{ status, headers, body, encoding }`',
    ...fieldsOf(WITH_SCHEMAS.http),
  },
  {
    ...STEP,
    name: 'function',
    does: 'Calls code of yours by its name.',
    gives: 'What the function returns.',
    ...fieldsOf(WITH_SCHEMAS.function),
  },
  {
    ...STEP,
    name: 'parallel',
    does: 'Does nothing: a mark where paths part.',
    gives: 'Nothing.',
    ...fieldsOf(WITH_SCHEMAS.parallel),
  },
  {
    ...STEP,
    name: 'join',
    does: 'Does nothing: a mark where paths meet.',
    gives: 'Nothing.',
    ...fieldsOf(WITH_SCHEMAS.join),
  },
  {
    ...STEP,
    name: 'condition',
    does: 'Chooses by expressions: the first branch that is true is its label.',
    gives: '`{ branch }`',
    labels: [],
    ...fieldsOf(WITH_SCHEMAS.condition),
  },
  {
    ...STEP,
    name: 'map',
    does: 'Runs a step for each item of a list.',
    gives: 'The outputs of its items, in their order.',
    labels: ['ok', 'partial'],
    ...fieldsOf(WITH_SCHEMAS.map),
  },
  {
    ...STEP,
    name: 'reduce',
    does: 'Makes one value of a list.',
    gives: 'That value.',
    ...fieldsOf(WITH_SCHEMAS.reduce),
  },
  {
    ...STEP,
    name: 'verify',
    does: 'Holds a contract: every clause is looked at.',
    gives: '`{ passed, findings }`',
    labels: ['passed'],
    ...fieldsOf(WITH_SCHEMAS.verify),
  },
  {
    name: 'workflow',
    does: 'Runs another workflow as a child, which ends with its parent.',
    gives: 'The output of the child.',
    opens: 'child',
    queue: 'general',
    labels: ['ok', 'cancelled'],
    ...fieldsOf(WITH_SCHEMAS.workflow),
  },
  {
    ...WAIT,
    name: 'sleep',
    does: 'Waits for a time, on no slot.',
    gives: 'Nothing.',
    labels: ['ok'],
    ...fieldsOf(WITH_SCHEMAS.sleep),
  },
  {
    ...WAIT,
    name: 'signal',
    does: 'Waits for a message from outside; one that came before is not lost.',
    gives: 'The payload.',
    labels: ['received', 'expired'],
    ...fieldsOf(WITH_SCHEMAS.signal),
  },
  {
    ...WAIT,
    name: 'approval',
    does: 'Asks people, and waits for their decision.',
    gives: '`{ decision, at, by, comment }`',
    labels: ['approved', 'rejected', 'expired'],
    ...fieldsOf(WITH_SCHEMAS.approval),
  },
  {
    ...WAIT,
    name: 'input',
    does: 'Asks people for a value, and waits for it.',
    gives: 'The answer.',
    labels: ['answered', 'expired'],
    ...fieldsOf(WITH_SCHEMAS.input),
  },
  {
    ...WAIT,
    name: 'escalate',
    does: 'Asks a named person to decide, and waits.',
    gives: '`{ decision, at, by, comment }`',
    labels: ['resolved', 'declined', 'expired'],
    ...fieldsOf(WITH_SCHEMAS.escalate),
  },
  { ...STEP, name: 'model', does: 'Calls a model.', queue: 'model', isLater: true },
  {
    ...STEP,
    name: 'agent',
    does: 'Lets an agent work: every call of a model or tool is a step of its own.',
    labels: ['ok', 'exhausted'],
    isLater: true,
  },
  { ...STEP, name: 'tool', does: 'Calls a tool.', queue: 'tool', isLater: true },
  { ...STEP, name: 'mcp', does: 'Calls a tool of an MCP server.', queue: 'tool', isLater: true },
  { ...STEP, name: 'a2a', does: 'Calls a remote agent.', queue: 'tool', isLater: true },
  { ...STEP, name: 'agent_tool', does: 'Calls another agent as a tool.', isLater: true },
  { ...STEP, name: 'coordinator', does: 'Chooses the agent for a task.', isLater: true },
  {
    ...STEP,
    name: 'policy',
    does: 'Checks a policy, with a branch.',
    labels: ['passed'],
    isLater: true,
  },
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
