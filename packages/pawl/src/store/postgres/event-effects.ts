/** What events do to the numbers on a run's row, known before anything is sent. */
import type { NewEvent } from '../../run/index.ts';

/** Ends of attempts that show that a run can make progress: they take its strikes away. */
const OUTCOMES: ReadonlySet<string> = new Set([
  'step.completed',
  'step.failed',
  'step.retried',
  'step.cancelled',
]);

export function hasOutcome(events: readonly NewEvent[]): boolean {
  return events.some(({ type }) => OUTCOMES.has(type));
}

export type Usage = readonly [inputTokens: number, outputTokens: number, costNanoUsd: number];

/** Undefined where none of them used anything. */
export function usageOf(events: readonly NewEvent[]): Usage | undefined {
  let sum: [number, number, number] | undefined;
  for (const { data } of events) {
    if (!('usage' in data) || !data.usage) continue;
    const { inputTokens, outputTokens, costNanoUsd } = data.usage;
    sum ??= [0, 0, 0];
    sum[0] += inputTokens;
    sum[1] += outputTokens;
    sum[2] += costNanoUsd;
  }
  return sum;
}
