/** What an engine is opened with: workflows and kinds by name, each checked, and versions that never change. */
import { messageOf, pawlError } from '../errors/index.ts';
import {
  BUILT_IN_KINDS,
  functionsNamed,
  type GraphWorkflow,
  isGraphWorkflow,
  kindsNamed,
  workflowsNamed,
} from '../graph/index.ts';
import { functionProblem, type FunctionRegistry } from '../kinds/index.ts';
import { type AnyWorkflow, CLOSURE_KIND, isName, isWorkflow } from '../run/index.ts';
import { jsonSchemaOf, type Logger, parseLimit } from '../std/index.ts';
import { type AnyKind, parseRetry } from '../step/index.ts';
import type { Store } from '../store/index.ts';
import { hasCleanUp } from '../worker/index.ts';

/** Names in a log that mean something else than a kind of the user's. */
const RESERVED_KINDS: ReadonlySet<string> = new Set([CLOSURE_KIND, 'race', ...BUILT_IN_KINDS]);

export function workflowsByName(workflows: readonly AnyWorkflow[]): ReadonlyMap<string, AnyWorkflow> {
  const byName = new Map<string, AnyWorkflow>();
  const seen = new Set<string>();
  for (const [index, workflow] of workflows.entries()) {
    if (!isWorkflow(workflow)) throw pawlError('NOT_A_WORKFLOW', { where: `workflows[${index}]` });
    const { name, version } = workflow;
    if (seen.has(`${name}@${version}`)) throw pawlError('WORKFLOW_DUPLICATE', { name, version });
    seen.add(`${name}@${version}`);
    byName.set(name, workflow);
  }
  return byName;
}

/** Kinds of the user beside the built-in ones, whose names they cannot take. */
export function kindsByName(
  kinds: readonly AnyKind[],
  builtIn: readonly AnyKind[] = [],
): ReadonlyMap<string, AnyKind> {
  const byName = new Map(builtIn.map((kind) => [kind.name, kind]));
  for (const kind of kinds) {
    if (!isName(kind.name)) throw pawlError('NAME_INVALID', { name: String(kind.name), what: 'a kind' });
    if (byName.has(kind.name) || RESERVED_KINDS.has(kind.name))
      throw pawlError('KIND_DUPLICATE', { kind: kind.name });
    if (typeof kind.execute !== 'function')
      throw pawlError('KIND_INVALID', { kind: kind.name, problem: 'it has no execute function' });
    parseRetry(kind.retry, `kind "${kind.name}".retry`);
    if (kind.timeout !== undefined) parseLimit(kind.timeout, `kind "${kind.name}".timeout`);
    byName.set(kind.name, kind);
  }
  return byName;
}

/** What the steps of a graph are executed by. */
interface Executors {
  readonly kinds: ReadonlyMap<string, AnyKind>;
  readonly functions: FunctionRegistry;
  /** Queues whose steps are executed here; undefined: all. What waits for another one is executed elsewhere. */
  readonly queues: readonly string[] | undefined;
}

/** @throws `GRAPH_UNSERVED` with everything that no executor is here for: nothing succeeds because nobody knew what to do. */
export function checkGraphs(workflows: readonly AnyWorkflow[], executors: Executors): void {
  for (const workflow of workflows) {
    if (!isGraphWorkflow(workflow)) continue;
    const problems = unserved(workflow, executors);
    if (problems.length > 0)
      throw pawlError('GRAPH_UNSERVED', { name: workflow.name, problems: problems.join('; ') });
  }
}

function unserved({ graph }: GraphWorkflow, { kinds, functions, queues }: Executors): readonly string[] {
  const isHere = ({ queue }: { readonly queue: string | undefined }): boolean =>
    queue === undefined || queues === undefined || queues.includes(queue);
  const executed = kindsNamed(graph)
    .filter(isHere)
    .filter(({ name }) => !OPENED.has(name) && !kinds.has(name));
  const called = functionsNamed(graph)
    .filter(isHere)
    .flatMap(({ path, name }) => {
      const problem = functionProblem(functions, name);
      return problem === undefined ? [] : [`${path}: ${clauseOf(problem)}`];
    });
  return [
    ...executed.map(({ path, name }) => `${path}: ${clauseOf(messageOf('KIND_UNKNOWN', { kind: name }))}`),
    ...called,
  ];
}

/** A sentence as a part of another one. */
function clauseOf(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1).replace(/\.$/, '');
}

/** Kinds that the driver itself opens, as waits, children or items. */
const OPENED: ReadonlySet<string> = new Set([
  'sleep',
  'signal',
  'input',
  'approval',
  'escalate',
  'workflow',
  'map',
]);

/** A version is immutable: the same name and version with another digest is refused. */
export async function register(store: Store, workflows: readonly AnyWorkflow[]): Promise<void> {
  const rows = workflows.map((workflow) => ({
    name: workflow.name,
    version: workflow.version,
    digest: workflow.digest,
    inputSchema: jsonSchemaOf(workflow.inputSchema),
    hasOnCancel: hasCleanUp(workflow),
    compatible: workflow.compatible,
  }));
  const [conflict] = await store.registerWorkflows(rows);
  if (conflict)
    throw pawlError('WORKFLOW_VERSION_CHANGED', { name: conflict.name, version: conflict.version });
}

/** What a graph calls may be registered later, by another process: until then its step fails, so it is said, and not refused. */
export async function warnOfUnknown(
  store: Store,
  workflows: readonly AnyWorkflow[],
  logger: Logger,
): Promise<void> {
  for (const { graph } of workflows.filter(isGraphWorkflow))
    for (const { path, name, version } of workflowsNamed(graph)) {
      const isHere = workflows.some(
        (one) => one.name === name && (version === undefined || one.version === version),
      );
      if (isHere || (await store.getWorkflow(name, version))) continue;
      const hint = version === undefined ? '' : ` in version "${version}"`;
      const message = messageOf('WORKFLOW_UNKNOWN', { name, hint });
      logger.log('warn', `${message} A step calls it, and fails until it is registered.`, {
        workflow: `${graph.name}@${graph.version}`,
        path,
      });
    }
}
