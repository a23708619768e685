/** Imports: text of another system in, a graph of ours with a report out; or everything that cannot mean the same. */
import { ProblemList, readDocument } from '../graph/index.ts';
import type { Json } from '../std/index.ts';
import { assemble } from './assemble.ts';
import type { Draft } from './draft.ts';
import { readHarn } from './harn/harn.ts';
import { readJamJet } from './jamjet/jamjet.ts';
import { isFields } from './part.ts';
import { type Entry, type Refusal, Report } from './report.ts';

export const IMPORT_FORMATS = ['jamjet', 'harn'] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export interface ImportFile {
  /** For messages, and for a workflow that has no name of its own. */
  readonly name: string;
  readonly text: string;
}

export interface ImportResult {
  /** Undefined where something was refused. It may hold what this version does not enforce, and refuses at registration. */
  readonly graph: Json | undefined;
  /** What became of every field; as far as the file could be read. */
  readonly report: readonly Entry[];
  readonly refusals: readonly Refusal[];
}

/** The first file holds the graph; others of a project hold what it refers to. Nothing is thrown, whatever is in them. */
export function importGraph(format: ImportFormat, files: readonly ImportFile[]): ImportResult {
  const [main = { name: '', text: '' }, ...others] = files;
  const { value, problems } = readFiles(main, others);
  if (value === undefined) return { graph: undefined, report: [], refusals: new Report(problems).refusals };
  const read = (): Report => new Report(readFiles(main, others).problems);
  const { draft, report } = readDraft(format, value, { read, name: main.name });
  const graph = draft && assemble(draft, report);
  return {
    graph: report.isRefused ? undefined : graph,
    report: report.entriesFor(value),
    refusals: report.refusals,
  };
}

interface Reading {
  readonly read: () => Report;
  readonly name: string;
}

function readDraft(
  format: ImportFormat,
  value: Json,
  { read, name }: Reading,
): { readonly draft: Draft | undefined; readonly report: Report } {
  if (format === 'jamjet') return readJamJet(value, read);
  const report = read();
  const base = name.replace(/^.*[/\\]/, '').replace(/\.[^.]*$/, '');
  return { draft: readHarn(value, report, base === '' || base === '-' ? 'act-verify-repair' : base), report };
}

interface Content {
  readonly value: Json | undefined;
  readonly problems: ProblemList;
}

/** Siblings add their fields to those of the main file; what stands in two files is refused. */
function readFiles(main: ImportFile, others: readonly ImportFile[]): Content {
  const { value, problems } = readDocument(main.text);
  if (value === undefined) return { value, problems };
  if (!isFields(value)) {
    problems.add('IMPORT_FORMAT', { path: [], params: { problem: 'it is no object' } });
    return { value: undefined, problems };
  }
  if (others.length === 0) return { value, problems };
  const together = new ProblemList(); // lines of one file would mislead in another
  const whole: { [key: string]: Json } = { ...value };
  for (const other of others) add(other, whole, together);
  return { value: together.hasErrors ? undefined : whole, problems: together };
}

function add({ name, text }: ImportFile, whole: { [key: string]: Json }, problems: ProblemList): void {
  const read = readDocument(text);
  for (const { code, message, path } of read.problems.list)
    problems.add(code, { path: [name], params: { problem: `${path} ${message}`.trim() } });
  if (read.value === undefined) return;
  if (!isFields(read.value)) {
    problems.add('IMPORT_FORMAT', { path: [name], params: { problem: 'it is no object' } });
    return;
  }
  for (const [key, part] of Object.entries(read.value)) {
    if (Object.hasOwn(whole, key))
      problems.add('IMPORT_SHAPE', { path: [name, key], params: { problem: 'another file has it too' } });
    else whole[key] = part;
  }
}
