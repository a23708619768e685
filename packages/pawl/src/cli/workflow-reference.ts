/** What `run` and `worker` are pointed at: a file, one export of a file, or the name of a workflow. */
import { pawlError } from '../errors/index.ts';

export type WorkflowReference =
  | { readonly kind: 'file'; readonly file: string; readonly exportName?: string }
  | { readonly kind: 'name'; readonly name: string };

const SOURCE = /\.(?:[cm]?[jt]s|ya?ml|json)$/i;

/**
 * A text with a path separator or the ending of a source file or a graph is a file, and so is one that exists; all else is a name.
 * What follows the last "#" of a file is the name of an export.
 */
export function parseReference(typed: string, exists: (file: string) => boolean): WorkflowReference {
  if (typed.trim() === '')
    throw pawlError('ARGUMENT_INVALID', { argument: 'the workflow', problem: 'it is empty' });
  if (exists(typed)) return { kind: 'file', file: typed };
  const at = typed.lastIndexOf('#');
  const file = at === -1 ? typed : typed.slice(0, at);
  const exportName = at === -1 ? undefined : typed.slice(at + 1);
  if (!isFile(file, exists)) return { kind: 'name', name: typed };
  if (exportName === '')
    throw pawlError('ARGUMENT_INVALID', {
      argument: typed,
      problem: 'the name of an export must follow "#"',
    });
  return exportName === undefined ? { kind: 'file', file } : { kind: 'file', file, exportName };
}

function isFile(text: string, exists: (file: string) => boolean): boolean {
  return SOURCE.test(text) || /[/\\]/.test(text) || exists(text);
}
