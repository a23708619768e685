/** Labels: how a step can end, and which of them are good. */

/** Labels that are never good, whatever kind gives them: an edge has to name them. */
export const BAD_LABELS: ReadonlySet<string> = new Set([
  'failed',
  'rejected',
  'expired',
  'declined',
  'cancelled',
  'exhausted',
]);

/** The label of a loop edge that would be taken and has reached its `max`. */
export const EXHAUSTED = 'exhausted';

export function isGoodLabel(label: string): boolean {
  return !BAD_LABELS.has(label);
}

/** Names that mean something themselves and so cannot be branches of a condition. */
export const RESERVED_LABELS: ReadonlySet<string> = new Set([...BAD_LABELS, 'end', '*', 'ok']);
