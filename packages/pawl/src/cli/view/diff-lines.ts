/** Two runs side by side in lines: which they are, and each difference with both sides. */
import type { RunDiff, RunDifference, RunDiffSide } from '../../engine/index.ts';
import { counted } from './counted.ts';
import { cutTo, oneLine } from './plain-text.ts';
import { statusText } from './status-text.ts';
import type { Style } from './style.ts';
import { valueLine } from './value-text.ts';

export interface DiffLineOptions {
  readonly style: Style;
  readonly columns: number;
}

export function diffLines(diff: RunDiff, options: DiffLineOptions): string[] {
  const { a, b, count, differences, isEqual } = diff;
  const { style } = options;
  const heads = [sideLine('a', a, style), sideLine('b', b, style)];
  if (isEqual) return [...heads, style.green('equal')];
  const unlisted = count - differences.length;
  return [
    ...heads,
    style.red(headLine(diff)),
    ...differences.flatMap((difference) => differenceLines(difference, options)),
    ...(unlisted > 0 ? [`  … ${unlisted} more`] : []),
  ];
}

/** In the order in which the first run did things: what comes behind may follow from it. */
function headLine({ count, differences: [first] }: RunDiff): string {
  if (!first || count === 1) return counted(count, 'difference');
  const where = first.path === undefined ? `the run's ${first.field}` : `"${oneLine(first.path)}"`;
  return `${counted(count, 'difference')}, the first in ${where}`;
}

function sideLine(name: string, side: RunDiffSide, style: Style): string {
  const { runId, workflow, version } = side;
  return `${name}  run ${runId} of ${workflow}@${version} is ${statusText(side, style)}`;
}

function differenceLines(difference: RunDifference, { style, columns }: DiffLineOptions): string[] {
  const { path = 'the run', field, at = '' } = difference;
  const side = (name: 'a' | 'b'): string => cutTo(`    ${name}  ${valueLine(difference[name])}`, columns);
  return [
    `  ${style.bold(oneLine(path))}  ${oneLine(`${field} ${at}`)}`,
    style.red(side('a')),
    style.green(side('b')),
  ];
}
