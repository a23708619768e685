/** One picture of the live view: the header and the steps that matter now, as many as the terminal has rows. */
import { type StepView, stepViews } from '../../engine/index.ts';
import { isTerminal, type RunState } from '../../run/index.ts';
import { formatDuration } from '../../std/index.ts';
import { cutTo, oneLine } from '../view/plain-text.ts';
import { statusText } from '../view/status-text.ts';
import { stepLines } from '../view/step-lines.ts';
import { treeOf, type TreeRow } from '../view/step-tree.ts';
import type { Style } from '../view/style.ts';

export interface FrameOptions {
  readonly style: Style;
  readonly columns: number;
  readonly rows: number;
  /** In milliseconds. */
  readonly now: number;
  /** Counts up from picture to picture. */
  readonly frame: number;
  /** Without a limit by the height of the terminal: the last picture of a run. */
  readonly isLast?: boolean;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/** Header, the line for what is left out, and one row for the cursor. */
const RESERVED = 3;
const LAST_PICTURE_ROWS = 200;

export function liveFrame(
  state: RunState,
  states: ReadonlyMap<string, RunState>,
  options: FrameOptions,
): string[] {
  const { style, columns } = options;
  const room = options.isLast ? LAST_PICTURE_ROWS : Math.max(1, options.rows - RESERVED);
  const { rows, hidden } = fitted(treeOf(viewsBelow(state, states)), room);
  const spinner = SPINNER[options.frame % SPINNER.length] ?? '▸';
  const steps = stepLines(rows, { style, now: options.now, columns: columns - 3, spinner });
  const left = hidden > 0 ? [style.dim(`  … ${hidden} more`)] : [];
  return [header(state, options), ...left.map((line) => `  ${line}`), ...steps.map((line) => `  ${line}`)];
}

function header(state: RunState, { style, columns, now }: FrameOptions): string {
  const until = isTerminal(state.status) ? (state.endedAt ?? state.lastAt) : now;
  const elapsed = state.created.at === 0 ? '' : formatDuration(Math.max(0, until - state.created.at));
  const name = cutTo(oneLine(state.created.workflow), Math.max(8, columns - 60));
  return `${style.bold(name)}  ${style.dim(state.runId)}  ${statusText({ status: state.status, ...(state.parked ? { parkReason: state.parked.reason } : {}) }, style)}  ${style.dim(elapsed)}`;
}

/** A run that somebody follows is taken for driven; values are not shown, and may be large. */
const VIEWED = { isDriven: true, hasValues: false } as const;

/** The steps of a run; the steps of an unfinished child stand below the child. */
function viewsBelow(state: RunState, states: ReadonlyMap<string, RunState>): StepView[] {
  return stepViews(state, VIEWED).flatMap((view) => {
    const child = view.childRunId === undefined ? undefined : states.get(view.childRunId);
    if (!child || isTerminal(child.status)) return [view];
    return [
      view,
      ...viewsBelow(child, states).map((inner) => ({ ...inner, path: `${view.path}/${inner.path}` })),
    ];
  });
}

/** Keeps the rows that still change, then the latest of the others. */
function fitted(
  rows: readonly TreeRow[],
  room: number,
): { readonly rows: readonly TreeRow[]; readonly hidden: number } {
  if (rows.length <= room) return { rows, hidden: 0 };
  const indexes = rows.map((_row, index) => index);
  const byWeight = indexes.sort((a, b) => weight(rows[b]) - weight(rows[a]) || b - a);
  const kept = new Set(byWeight.slice(0, room));
  return { rows: rows.filter((_row, index) => kept.has(index)), hidden: rows.length - room };
}

function weight(row: TreeRow | undefined): number {
  const status = row?.step?.status;
  if (status === 'running' || status === 'failed') return 2;
  return status === 'waiting' ? 1 : 0;
}
