/** A tree of steps as aligned lines: mark, name, duration, detail. */
import type { StepView } from '../../engine/index.ts';
import { formatDuration } from '../../std/index.ts';
import { cutTo, oneLine, padTo, widthOf } from './plain-text.ts';
import { stepDetail } from './step-detail.ts';
import type { TreeRow } from './step-tree.ts';
import type { Style } from './style.ts';

export interface LineOptions {
  readonly style: Style;
  /** The time that durations of running steps are counted to, in milliseconds. */
  readonly now: number;
  /** Cells of a line; longer ones are cut. */
  readonly columns: number;
  /** The picture of a running step; turns in the live view. */
  readonly spinner?: string;
}

const MAX_NAME = 40;
const DURATION = 9;

export function stepLines(rows: readonly TreeRow[], options: LineOptions): string[] {
  const width = Math.min(MAX_NAME, Math.max(0, ...rows.map((row) => widthOf(nameOf(row)))));
  return rows.map((row) => stepLine(row, width, options));
}

function nameOf(row: TreeRow): string {
  const { depth, name, step } = row;
  const which = /#\d+$/.exec(name)?.[0] ?? ''; // steps of one label are told apart as those of one name are
  return `${'  '.repeat(depth)}${oneLine(step?.label === undefined ? name : step.label + which)}`;
}

function stepLine(row: TreeRow, width: number, options: LineOptions): string {
  const { style, columns } = options;
  const { step } = row;
  if (!step) return style.dim(cutTo(`  ${nameOf(row)}`, columns));
  const name = padTo(cutTo(nameOf(row), width), width);
  const duration = durationText(row, options.now).padStart(DURATION);
  const used = 2 + width + DURATION + 2;
  const detail = cutTo(stepDetail(step, options.now), Math.max(1, columns - used));
  const mark = markOf(step, options);
  return `${mark} ${name}${style.dim(duration)}  ${paintDetail(detail, step, style)}`.trimEnd();
}

function durationText(row: TreeRow, now: number): string {
  const { step } = row;
  if (!step) return '';
  if (step.isLost) return '';
  if (step.status === 'running') return formatDuration(Math.max(0, now - Date.parse(step.startedAt)));
  return step.durationMs === undefined ? '' : formatDuration(step.durationMs);
}

function paintDetail(detail: string, step: StepView, style: Style): string {
  if (isBad(step)) return style.red(detail);
  return step.status === 'waiting' || step.isLost ? style.yellow(detail) : style.dim(detail);
}

/** A gate that was rejected or ran out has ended, but not well. */
function isBad(step: StepView): boolean {
  return step.status === 'failed' || step.outcome === 'rejected' || step.outcome === 'expired';
}

function markOf(step: StepView, options: LineOptions): string {
  const { style, spinner = '▸' } = options;
  switch (step.status) {
    case 'completed':
      return isBad(step) ? style.red('✗') : style.green('✓');
    case 'failed':
      return style.red('✗');
    case 'running':
      return step.isLost ? style.yellow('!') : style.cyan(spinner);
    case 'waiting':
      return style.yellow('○');
    case 'cancelled':
      return style.dim('⊘');
    case 'skipped':
      return style.dim('–');
    case 'pending':
      return style.dim('·');
  }
}
