/** What runs beside a workflow: functions, kinds and workflows of the files given as `--with`. */
import { pawlError } from '../errors/index.ts';
import { type AnyKind, type AnyWorkflow, isGraphWorkflow, isWorkflow, type NamedFunction } from '../index.ts';
import { type Call, listOption } from './command.ts';
import type { Session } from './session.ts';
import { problemLine } from './view/problem-line.ts';
import { importFile, isGraphFile, loadGraph } from './workflow-file.ts';

export const WITH_OPTION = {
  flags: '--with <file>',
  about: 'a module whose functions, kinds and workflows a graph uses, or another graph; may be repeated',
  isRepeatable: true,
} as const;

export interface Beside {
  readonly functions: Readonly<Record<string, NamedFunction>>;
  readonly kinds: readonly AnyKind[];
  readonly workflows: readonly AnyWorkflow[];
}

/**
 * `own`: the files that are served; a module among them that exports a graph brings what stands beside it in the module.
 * @throws `FILE_UNREADABLE`, `GRAPH_INVALID`, `ARGUMENT_INVALID` where two files export a function of one name
 */
export async function loadBeside(call: Call, own: readonly string[] = []): Promise<Beside> {
  const functions = new Map<string, NamedFunction>();
  const kinds = new Set<AnyKind>();
  const workflows = new Set<AnyWorkflow>();
  const files = listOption(call, 'with');
  const add = (name: string, value: unknown): void => {
    if (isKind(value)) kinds.add(value);
    else if (typeof value === 'function') addFunction(functions, name, value as NamedFunction);
  };
  for (const file of files.filter((one) => !isGraphFile(one)))
    for (const [name, value] of Object.entries(await importFile(file)))
      if (isWorkflow(value)) workflows.add(value);
      else add(name, value);
  for (const file of own.filter((one) => !isGraphFile(one) && !files.includes(one))) {
    const exports = Object.entries(await importFile(file));
    if (!exports.some(([, value]) => isGraphWorkflow(value))) continue;
    for (const [name, value] of exports) if (!isWorkflow(value)) add(name, value);
  }
  for (const file of files.filter(isGraphFile)) workflows.add(await loadGraph(file, [...kinds]));
  return { functions: Object.fromEntries(functions), kinds: [...kinds], workflows: [...workflows] };
}

/** What is legal in a graph and hardly what was meant is said once, before anything runs. */
export function sayWarnings({ screen, isJson }: Session, workflows: Iterable<AnyWorkflow>): void {
  if (isJson) return;
  for (const workflow of new Set(workflows))
    if (isGraphWorkflow(workflow))
      screen.notes(...workflow.warnings.map((problem) => `${workflow.name}: ${problemLine(problem)}`));
}

function isKind(value: unknown): value is AnyKind {
  const candidate = value as Partial<AnyKind> | null;
  return typeof candidate === 'object' && candidate !== null && typeof candidate.execute === 'function';
}

function addFunction(functions: Map<string, NamedFunction>, name: string, value: NamedFunction): void {
  const known = functions.get(name);
  if (known !== undefined && known !== value)
    throw pawlError('ARGUMENT_INVALID', {
      argument: '--with',
      problem: `two files export a function "${name}"`,
    });
  functions.set(name, value);
}
