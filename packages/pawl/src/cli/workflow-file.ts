/** Loads the file of a user and finds the workflows that it exports. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isPawlError, pawlError } from '../errors/index.ts';
import { type AnyKind, type AnyWorkflow, isWorkflow, parseGraph } from '../index.ts';
import { commonJsTrap } from './commonjs-trap.ts';
import { readSource } from './json-source.ts';
import type { WorkflowReference } from './workflow-reference.ts';

/** Workflows by the name of their export. */
export type WorkflowExports = ReadonlyMap<string, AnyWorkflow>;

const GRAPH = /\.(?:ya?ml|json)$/i;

/** Whether a file holds a graph as data; anything else is a module. */
export function isGraphFile(file: string): boolean {
  return GRAPH.test(file);
}

/** @throws `FILE_UNREADABLE`, `GRAPH_INVALID` */
export async function loadGraph(file: string, kinds: readonly AnyKind[] = []): Promise<AnyWorkflow> {
  const text = await readSource(file);
  try {
    return parseGraph(text, { kinds });
  } catch (error) {
    if (!isPawlError(error) || error.code !== 'GRAPH_INVALID') throw error;
    throw pawlError(error.code, { ...error.params, name: ` ${file}` }, { cause: error.cause });
  }
}

/** @throws `FILE_UNREADABLE`, `FILE_NOT_A_MODULE`, `FILE_WITHOUT_WORKFLOW`, `GRAPH_INVALID` */
export async function loadWorkflows(file: string, kinds: readonly AnyKind[] = []): Promise<WorkflowExports> {
  if (isGraphFile(file)) return new Map([['default', await loadGraph(file, kinds)]]);
  const exports = workflowsIn(await importFile(file));
  if (exports.size === 0) throw pawlError('FILE_WITHOUT_WORKFLOW', { file, hint: '' });
  return exports;
}

/** @throws `FILE_UNREADABLE`, `FILE_NOT_A_MODULE` */
export async function importFile(file: string): Promise<object> {
  const path = resolve(file);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw pawlError('FILE_UNREADABLE', { file, problem: 'there is no such file.' });
  if (stat.isDirectory()) throw pawlError('FILE_UNREADABLE', { file, problem: 'it is a folder.' });
  try {
    return (await import(pathToFileURL(path).href)) as object;
  } catch (error) {
    throw (
      commonJsTrap(error, path) ??
      pawlError('FILE_UNREADABLE', { file, problem: problemOf(error) }, { cause: error })
    );
  }
}

/** What the import of a file died of, as one sentence that names the kind of the error. */
export function problemOf(error: unknown): string {
  if (isPawlError(error)) return `${error.code}: ${error.message}`;
  if (!(error instanceof Error)) return `it threw ${String(error)}.`;
  const [first = ''] = error.message.split('\n');
  return `${error.name}: ${first}`.replace(/\.?$/, '.');
}

/** A workflow that is exported twice, by default and by name, is listed once, under its default. */
export function workflowsIn(exports: object): WorkflowExports {
  const found = new Map<string, AnyWorkflow>();
  const entries = Object.entries(exports).sort(
    ([a], [b]) => Number(b === 'default') - Number(a === 'default'),
  );
  for (const [name, value] of entries) {
    if (isWorkflow(value) && ![...found.values()].includes(value)) found.set(name, value);
  }
  return found;
}

/**
 * The one workflow that a reference means: the named export, else the default, else the only one.
 * @throws `FILE_WITHOUT_WORKFLOW`, `WORKFLOW_AMBIGUOUS`
 */
export function pickWorkflow(
  exports: WorkflowExports,
  reference: Extract<WorkflowReference, { kind: 'file' }>,
): AnyWorkflow {
  const { file, exportName } = reference;
  const names = [...exports.keys()];
  if (exportName !== undefined) {
    const named =
      exports.get(exportName) ?? [...exports.values()].find((workflow) => workflow.name === exportName);
    if (named) return named;
    throw pawlError('FILE_WITHOUT_WORKFLOW', { file, hint: ` "${exportName}", only ${names.join(', ')}` });
  }
  const chosen = exports.get('default') ?? (exports.size === 1 ? [...exports.values()][0] : undefined);
  if (chosen) return chosen;
  throw pawlError('WORKFLOW_AMBIGUOUS', { file, names: names.join(', '), first: names[0] ?? '' });
}
