/** Rows as aligned columns. */
import { oneLine, padTo, widthOf } from './plain-text.ts';
import type { Style } from './style.ts';

/** The lines of a table: heads in capitals, columns as wide as their widest cell, two spaces between them. */
export function tableLines(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  style: Style,
): string[] {
  const cells = rows.map((row) => row.map(oneLine));
  const widths = heads.map((head, column) =>
    Math.max(widthOf(head), ...cells.map((row) => widthOf(row[column] ?? ''))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => padTo(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [style.dim(line(heads)), ...cells.map(line)];
}

/** Names and values in two columns; what has no value is left out. */
export function fieldLines(
  fields: readonly (readonly [string, string | undefined])[],
  style: Style,
): string[] {
  const known = fields.filter((field): field is readonly [string, string] => field[1] !== undefined);
  const width = Math.max(0, ...known.map(([name]) => widthOf(name)));
  return known.map(([name, value]) => `${style.dim(padTo(name, width))}  ${value}`);
}
