/** The side-by-side table of figures, the table of what they stand for, and the notes, as text or as Markdown. */
import { numberText } from '../../harness/report.ts';
import { tableText } from '../../harness/table.ts';
import type { Peer, WorkloadId } from '../peer.ts';
import { type Figure, figures } from '../workloads/list.ts';
import { MANY_RUNS } from '../workloads/many-runs.ts';
import type { Cells } from './cell.ts';
import type { PeerFacts } from './peer-facts.ts';

export interface Report {
  readonly facts: readonly PeerFacts[];
  readonly workloads: readonly WorkloadId[];
  readonly cells: Cells;
}

const MISSING = '–';
const USUAL_LATE = 5_000;

function shown({ workloads }: Report): readonly Figure[] {
  return figures.filter(({ workload }) =>
    workloads.some((id) => id === (workload === 'W5' ? 'W2' : workload)),
  );
}

function cellText({ cells }: Report, peer: Peer, { key, workload }: Figure): string {
  const value = cells.figure(peer, key);
  if (value === undefined || peer.absent?.[workload] !== undefined) return MISSING;
  const late = key === 'growth' ? cells.figure(peer, 'late') : undefined;
  const place = late === undefined || late === USUAL_LATE ? '' : ` (at ${numberText(late)})`;
  return `${numberText(value)}${place}`;
}

function othersText(share: number): string {
  return Number.isFinite(share) ? `${Math.round(share * 100)} %` : MISSING;
}

function figureRows(report: Report): readonly (readonly string[])[] {
  const columns = shown(report);
  const head = ['', ...columns.map(({ title, unit }) => `${title}, ${unit}`), 'others'];
  const rows = report.facts.map(({ peer }) => [
    peer.title,
    ...columns.map((figure) => cellText(report, peer, figure)),
    othersText(report.cells.others(peer)),
  ]);
  return [head, ...rows];
}

function factRows({ facts }: Report): readonly (readonly string[])[] {
  const head = [
    '',
    'versions',
    'durable by',
    'when the next step begins, of the one before it',
    'what stands for run and step',
  ];
  const rows = facts.map(({ peer, versions }) => [
    peer.title,
    versions,
    peer.durability,
    peer.guarantee,
    peer.mapping,
  ]);
  return [head, ...rows];
}

/** Why figures are missing, and what a reader has to know of those that are there. */
function noteLines(report: Report): readonly string[] {
  const ids = new Set<string>(shown(report).map(({ workload }) => workload));
  return report.facts.flatMap(({ peer }) => {
    const notes = [
      ...Object.entries(peer.absent ?? {}).map(([id, reason]) => [id, `none, ${reason}`]),
      ...Object.entries(peer.notes ?? {}),
      ...runsNote(report, peer),
      ...report.cells.of(peer).map(({ workload, reason }) => [workload, reason]),
    ]
      .filter(([id = '', text]) => ids.has(id) && text !== undefined)
      .map((words) => words.join(': '));
    return notes.length === 0 ? [] : [`${peer.title}. ${notes.toSorted().join('; ')}.`];
  });
}

function runsNote({ cells }: Report, peer: Peer): readonly (readonly string[])[] {
  const runs = cells.figure(peer, 'runs');
  return runs === undefined || runs >= MANY_RUNS ? [] : [['W2', `${numberText(runs)} runs in the time`]];
}

export function reportText(report: Report): string {
  return [
    tableText(figureRows(report), [0]),
    '',
    tableText(factRows(report), [0, 1, 2, 3, 4]),
    '',
    ...noteLines(report),
  ].join('\n');
}

function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell || ' ').join(' | ')} |`.replaceAll('|   |', '| |');
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

export function reportMarkdown(report: Report, about: readonly string[]): string {
  return [
    ...about,
    '',
    markdownTable(figureRows(report)),
    '',
    markdownTable(factRows(report)),
    '',
    ...noteLines(report).map((note) => `- ${note}`),
    '',
  ].join('\n');
}
