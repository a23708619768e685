/** Tables of text, with the columns below each other. */
import { type Line, numberText } from './report.ts';

/** The first column and texts to the left, numbers to the right. */
export function tableText(rows: readonly (readonly string[])[], leftColumns: readonly number[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const pad = (cell: string, column: number): string =>
    leftColumns.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

const HEAD = ['', 'workload', 'unit', 'floor', 'Pawl', 'Pawl/floor', 'target', 'met', 'others'];

export function reportTable(lines: readonly Line[]): string {
  const rows = lines.map((line) => [
    line.workload,
    line.title,
    line.unit,
    line.floor === undefined ? '–' : numberText(line.floor),
    numberText(line.pawl),
    line.ratio === undefined ? '–' : `${line.ratio.toFixed(2)} ×`,
    line.target ?? '–',
    line.isMet === undefined ? '' : line.isMet ? 'yes' : 'NO',
    Number.isNaN(line.others) ? '?' : `${Math.round(line.others * 100)} %`,
  ]);
  return tableText([HEAD, ...rows], [0, 1, 2, 7]);
}
