/** Only the holder of this epoch writes as the holder, of a run or of a task: judged from the rows as they stood before the commit. */
import {
  type Batch,
  type CommitAnswer,
  EXTERNAL,
  type TaskFence,
} from '../../../packages/pawl/src/store/index.ts';
import type { Judge } from './violation.ts';
import type { TaskNow } from './task-rows.ts';
import type { RowNow } from './watched-run.ts';

export interface Group {
  readonly batches: readonly Batch[];
  readonly answers: readonly CommitAnswer[];
  /** The rows of their runs before the commit; undefined for runs that it creates. */
  readonly rows: readonly (RowNow | undefined)[];
  /** All tasks before it. */
  readonly tasks: readonly TaskNow[];
}

export function judgeFences({ batches, answers, rows, tasks }: Group, judge: Judge): void {
  for (const [index, { run, fence, requires }] of batches.entries()) {
    const row = rows[index];
    const answer = answers[index];
    if (answer === undefined || answer.type === 'refused') continue;
    const isResend = answer.lastSeq <= (row?.last_seq ?? 0);
    if (requires?.task && !isResend) judgeTask(row, requires.task, { tasks, judge });
    if (fence === EXTERNAL) continue;
    if (row?.holder !== fence.holder || row.epoch !== fence.epoch)
      judge(
        'fence',
        `${run.runId} took a batch of ${fence.holder} in epoch ${fence.epoch}, it was held by ${row?.holder} in epoch ${row?.epoch}`,
      );
  }
}

function judgeTask(
  row: RowNow | undefined,
  { path, attempt, holder, epoch }: TaskFence,
  { tasks, judge }: { readonly tasks: readonly TaskNow[]; readonly judge: Judge },
): void {
  const task = tasks.find((one) => one.run === row?.num && one.path === path);
  if (task?.holder === holder && task.epoch === epoch && task.attempt === attempt) return;
  const has = task ? `${task.holder} in epoch ${task.epoch}, attempt ${task.attempt}` : 'nobody';
  judge(
    'fence',
    `${holder} in epoch ${epoch} wrote about attempt ${attempt} of "${path}", which was with ${has}`,
  );
}
