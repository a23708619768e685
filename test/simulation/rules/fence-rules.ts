/** Only the holder of this epoch writes as the holder: judged from the rows as they stood before the commit. */
import { type Batch, type CommitAnswer, EXTERNAL } from '../../../packages/pawl/src/store/index.ts';
import type { Judge } from './violation.ts';
import type { RowNow } from './watched-run.ts';

export interface Group {
  readonly batches: readonly Batch[];
  readonly answers: readonly CommitAnswer[];
  /** The rows of their runs before the commit; undefined for runs that it creates. */
  readonly rows: readonly (RowNow | undefined)[];
}

export function judgeFences({ batches, answers, rows }: Group, judge: Judge): void {
  for (const [index, { run, fence }] of batches.entries()) {
    const row = rows[index];
    const answer = answers[index];
    if (answer?.type === 'refused' || fence === EXTERNAL) continue;
    if (row?.holder !== fence.holder || row.epoch !== fence.epoch)
      judge(
        'fence',
        `${run.runId} took a batch of ${fence.holder} in epoch ${fence.epoch}, it was held by ${row?.holder} in epoch ${row?.epoch}`,
      );
  }
}
