/** Marks: one sign for how a step stands, and for how the steps of a scope stand together. */
import type { StepView } from '../../engine/index.ts';
import type { Style } from './style.ts';

export interface MarkOptions {
  readonly style: Style;
  /** The picture of a running step; turns in the live view. */
  readonly spinner?: string;
}

/** A gate that was rejected or ran out has ended, but not well. */
export function isBad(step: StepView): boolean {
  return step.status === 'failed' || step.outcome === 'rejected' || step.outcome === 'expired';
}

export function markOf(step: StepView, { style, spinner = '▸' }: MarkOptions): string {
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

/** What is most worth a look. A scope has no end of its own: that some of it went wrong may have been allowed for. */
export function markOfScope(inner: readonly StepView[], options: MarkOptions): string {
  const { style } = options;
  const open = ['running', 'waiting', 'pending']
    .map((status) => inner.find((step) => step.status === status))
    .find((step) => step !== undefined);
  if (open) return markOf(open, options);
  const isGood = inner.some((step) => step.status === 'completed' && !isBad(step));
  if (inner.some(isBad)) return isGood ? style.yellow('!') : style.red('✗');
  if (isGood) return style.green('✓');
  return inner[0] ? markOf(inner[0], options) : ' ';
}

/** Empty where nothing of it went wrong. */
export function scopeDetail(inner: readonly StepView[]): string {
  const bad = inner.filter(isBad).length;
  return bad === 0 ? '' : `${bad} of ${inner.length} did not end well`;
}
