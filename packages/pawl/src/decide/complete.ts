/** The end of a run: what it comes to once nothing is pending, ready or open. */
import { messageOf } from '../errors/index.ts';
import type { Failure } from '../step/index.ts';

export interface Rest {
  /** Steps that have neither ended nor been skipped or cancelled. */
  readonly unsettled: number;
  /** Paths that ended with a good label. */
  readonly goodEnds: number;
  readonly firstFailure: Failure | undefined;
}

export type EndVerdict =
  | { readonly type: 'completed' }
  | { readonly type: 'failed'; readonly failure: Failure }
  /** Something is left that nothing will ever move: a defect of ours. */
  | { readonly type: 'deadlocked' };

export function judgeEnd({ unsettled, goodEnds, firstFailure }: Rest): EndVerdict {
  if (unsettled > 0) return { type: 'deadlocked' };
  if (goodEnds > 0) return { type: 'completed' };
  const failure: Failure = {
    class: firstFailure?.class ?? 'terminal',
    code: 'NOTHING_REACHED',
    message: messageOf('NOTHING_REACHED'),
    ...(firstFailure ? { cause: firstFailure } : {}),
  };
  return { type: 'failed', failure };
}
