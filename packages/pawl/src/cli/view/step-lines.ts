/** A tree of steps as aligned lines: mark, name, duration, detail. */
import type { StepView } from '../../engine/index.ts';
import { formatDuration } from '../../std/index.ts';
import { cutTo, oneLine, padTo, widthOf } from './plain-text.ts';
import { stepDetail } from './step-detail.ts';
import { isBad, markOf, type MarkOptions, markOfScope, scopeDetail } from './step-mark.ts';
import type { TreeRow } from './step-tree.ts';
import type { Style } from './style.ts';

export interface LineOptions extends MarkOptions {
  /** The time that durations of running steps are counted to, in milliseconds. */
  readonly now: number;
  /** Cells of a line; longer ones are cut. */
  readonly columns: number;
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
  if (!step) return scopeLine(row, width, options);
  const name = padTo(cutTo(nameOf(row), width), width);
  const duration = durationText(row, options.now).padStart(DURATION);
  const used = 2 + width + DURATION + 2;
  const detail = cutTo(stepDetail(step, options.now), Math.max(1, columns - used));
  const mark = markOf(step, options);
  return `${mark} ${name}${style.dim(duration)}  ${paintDetail(detail, step, style)}`.trimEnd();
}

function scopeLine(row: TreeRow, width: number, options: LineOptions): string {
  const { style, columns } = options;
  const { inner = [] } = row;
  const detail = scopeDetail(inner);
  if (detail === '') return `${markOfScope(inner, options)} ${style.dim(cutTo(nameOf(row), columns - 2))}`;
  const name = padTo(cutTo(nameOf(row), width), width);
  const rest = cutTo(detail, Math.max(1, columns - width - DURATION - 4));
  return `${markOfScope(inner, options)} ${style.dim(name)}${' '.repeat(DURATION)}  ${style.yellow(rest)}`;
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
