/** The page of one run: facts, why it stands, steps, what came out. */
import type { RunView, StepView, Why } from '../../engine/index.ts';
import { formatDuration, type Json } from '../../std/index.ts';
import { VALUE_LINES } from '../defaults.ts';
import type { Typed } from '../typed-command.ts';
import { failureLines } from './failure-line.ts';
import { oneLine } from './plain-text.ts';
import { statusText } from './status-text.ts';
import { stepLines } from './step-lines.ts';
import { treeOf } from './step-tree.ts';
import type { Style } from './style.ts';
import { fieldLines } from './table.ts';
import { spanText, timeText } from './times.ts';
import { indented, valueLines } from './value-text.ts';
import { whyLines } from './why-lines.ts';

export interface PageOptions {
  readonly style: Style;
  readonly columns: number;
  /** In milliseconds. */
  readonly now: number;
  /** Every value in full, of the run and of its steps. */
  readonly isFull: boolean;
  /** Makes a command one that can be typed. */
  readonly typed: Typed;
}

export function runPage(run: RunView, why: Why, options: PageOptions): string[] {
  const { style } = options;
  const sections = [
    facts(run, options),
    isAtRest(run) ? [] : section('why', whyLines(why, style, options.typed), style),
    section('steps', stepsOf(run, options), style),
    ...valuesOf(run, options),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function isAtRest(run: RunView): boolean {
  return ['completed', 'failed', 'cancelled'].includes(run.status);
}

function section(title: string, lines: readonly string[], style: Style): string[] {
  return lines.length === 0 ? [] : [style.bold(title), ...indented(lines)];
}

function facts(run: RunView, { style, now }: PageOptions): string[] {
  const labels = Object.entries(run.labels).map(([key, value]) => oneLine(`${key}=${value}`));
  const { usage } = run;
  const hasUsage = usage.inputTokens + usage.outputTokens > 0 || usage.costUsd !== '0';
  const cancel = run.cancelRequested;
  return fieldLines(
    [
      ['run', run.runId],
      ['workflow', `${run.workflow}@${run.version}`],
      ['status', `${statusText(run, style)}${cancel && !isAtRest(run) ? ', being cancelled' : ''}`],
      ['parked', run.parked && oneLine(run.parked.message)],
      ['started', timeText(run.createdAt)],
      isAtRest(run)
        ? ['ended', `${timeText(run.updatedAt)}, after ${spanText(run.createdAt, run.updatedAt)}`]
        : [
            'updated',
            `${timeText(run.updatedAt)}, ${formatDuration(Math.max(0, now - Date.parse(run.updatedAt)))} ago`,
          ],
      ['labels', labels.length === 0 ? undefined : labels.join(' ')],
      ['parent', run.parentRunId],
      ['continued', run.continuedTo && `as run ${run.continuedTo}`],
      [
        'cancel',
        cancel &&
          oneLine(
            ['asked for', cancel.by && `by ${cancel.by}`, cancel.reason && `(${cancel.reason})`]
              .filter(Boolean)
              .join(' '),
          ),
      ],
      [
        'usage',
        hasUsage ? `${usage.inputTokens} tokens in, ${usage.outputTokens} out, $${usage.costUsd}` : undefined,
      ],
      [
        'signals',
        run.bufferedSignals.length === 0
          ? undefined
          : run.bufferedSignals.map((signal) => `${signal.name} × ${signal.count}`).join(', '),
      ],
    ],
    style,
  );
}

function stepsOf(run: RunView, options: PageOptions): string[] {
  const rows = treeOf(run.steps);
  const lines = stepLines(rows, { style: options.style, now: options.now, columns: options.columns - 2 });
  if (!options.isFull) return lines;
  return rows.flatMap((row, index) => [
    lines[index] ?? '',
    ...(row.step ? indented(stepValues(row.step, options.style), '    ') : []),
  ]);
}

function stepValues(step: StepView, style: Style): string[] {
  return [
    ...named('input', step.input, style),
    ...named('output', step.output, style),
    ...named('failure', step.failure as Json | undefined, style),
  ];
}

function named(name: string, value: Json | undefined, style: Style): string[] {
  return value === undefined ? [] : [style.dim(name), ...indented(valueLines(value))];
}

function valuesOf(run: RunView, options: PageOptions): string[][] {
  const { style, isFull } = options;
  const limit = isFull ? Number.POSITIVE_INFINITY : VALUE_LINES;
  const value = (title: string, json: Json | undefined): string[] =>
    json === undefined ? [] : section(title, valueLines(json, limit), style);
  const failure =
    isFull || !run.failure ? (run.failure as Json | undefined) : failureLines(run.failure).join('\n');
  return [
    isFull ? value('input', run.input) : [],
    value('shows', run.shown),
    value('output', run.output),
    value('failure', failure),
  ];
}
