/** `pawl import`: makes a graph of a file of another system, and says what became of every field of it. */
import { stringify } from 'yaml';
import { pawlError } from '../../errors/index.ts';
import { validateValue } from '../../graph/index.ts';
import { IMPORT_FORMATS, type ImportFormat, importGraph, type ImportResult } from '../../import/index.ts';
import { type Json, nearest } from '../../std/index.ts';
import { argumentAt, argumentList, type Call, type Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { readSource } from '../json-source.ts';
import { printJson, type Session } from '../session.ts';
import { typedFor } from '../typed-command.ts';
import { counted } from '../view/counted.ts';
import { refusalLines, reportLines, reportSummary } from '../view/import-report.ts';

export const importCommand: Command = {
  name: 'import',
  summary: 'make a graph of a file of another system',
  arguments: [
    { syntax: 'format', about: `what it was written for: ${IMPORT_FORMATS.join(' or ')}` },
    {
      syntax: 'files...',
      about: 'the file with the graph, then those that it refers to; - is standard input',
    },
  ],
  examples: [
    'pawl import jamjet workflow.yaml models.yaml > flows/review.yaml',
    'pawl import harn graph.json --json',
  ],
  run: async (session, call) => {
    const format = formatOf(call);
    const names = argumentList(call, 1);
    const files = await Promise.all(names.map(async (name) => ({ name, text: await readSource(name) })));
    const result = importGraph(format, files);
    return result.graph === undefined ? refuse(session, names[0] as string, result) : print(session, result);
  },
};

/** @throws `ARGUMENT_INVALID` */
function formatOf(call: Call): ImportFormat {
  const given = argumentAt(call, 0);
  const format = IMPORT_FORMATS.find((name) => name === given);
  if (format !== undefined) return format;
  const near = nearest(given, IMPORT_FORMATS);
  const hint = near === undefined ? '' : ` (did you mean "${near}"?)`;
  throw pawlError('ARGUMENT_INVALID', {
    argument: 'format',
    problem: `"${given}" cannot be imported${hint}; there are ${IMPORT_FORMATS.join(' and ')}`,
  });
}

/** The graph alone goes to standard output, so that it can be piped. */
function print(session: Session, { graph, report }: ImportResult): number {
  if (session.isJson) printJson(session, { graph, report });
  else {
    session.screen.write(stringify(graph, { aliasDuplicateObjects: false, lineWidth: 0 }));
    session.screen.notes(...reportLines(report), reportSummary(report), ...laterLines(session, graph));
  }
  return EXIT.ok;
}

/** What the graph holds that this version would not enforce. */
function laterLines(session: Session, graph: Json | undefined): string[] {
  const later = validateValue(graph).problems.filter(({ severity }) => severity === 'unsupported');
  if (later.length === 0) return [];
  const parts = counted(later.length, 'part');
  const names = typedFor(session)('pawl validate FILE');
  return [
    `${parts} of the graph cannot run yet, and it is refused until a later version; named by: ${names}`,
  ];
}

function refuse({ screen, isJson }: Session, file: string, { refusals }: ImportResult): number {
  const { code, message, todo } = pawlError('IMPORT_REFUSED', { file, count: refusals.length });
  if (isJson) screen.notes(JSON.stringify({ error: { code, message, todo, refusals } }));
  else screen.notes(...refusalLines(file, refusals));
  return EXIT.usage;
}
