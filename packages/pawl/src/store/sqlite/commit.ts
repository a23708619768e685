/** Group commit: one transaction for all batches, one answer each. */
import { isPawlError } from '../../errors/index.ts';
import {
  type Batch,
  type CommitAnswer,
  isRefused,
  prepareBatch,
  type PreparedBatch,
  type Refused,
  type StoreLimits,
} from '../index.ts';
import { applyBatch } from './apply-batch.ts';
import type { Connection } from './connection.ts';
import { sqliteCode, surroundingsError } from './errors.ts';
import { Group } from './group.ts';
import type { Names } from './names.ts';
import { refused } from './requirement.ts';
import type { Writer } from './writer.ts';

/** What a commit works with. */
export interface CommitTools {
  readonly db: Connection;
  readonly names: Names;
  readonly writer: Writer;
  readonly limits: StoreLimits;
  /** The store's clock, ms since 1970. */
  readonly now: () => number;
}

type Item = PreparedBatch | Refused;

/**
 * Batches are judged and applied in their order. Where a statement fails, the group is rolled back and done again with a savepoint
 * around each batch, so that the batch that cannot be written is refused alone.
 */
export async function commitGroup(tools: CommitTools, batches: readonly Batch[]): Promise<CommitAnswer[]> {
  const items = batches.map((batch) => prepareBatch(batch, tools.limits));
  if (items.every(isRefused)) return items.filter(isRefused);
  try {
    return await tools.writer.write(() => applyTogether(tools, items));
  } catch (error) {
    if (isPawlError(error)) throw error;
    return tools.writer.write(() => applyApart(tools, items));
  }
}

function applyTogether(tools: CommitTools, items: readonly Item[]): CommitAnswer[] {
  const group = new Group(tools.db, tools.names, tools.now());
  group.prefetch(numsOf(items));
  const answers = items.map((item) => (isRefused(item) ? item : applyBatch(group, item)));
  group.flush();
  return answers;
}

function numsOf(items: readonly Item[]): ReadonlySet<number> {
  return new Set(items.flatMap((item) => (isRefused(item) ? [] : (item.batch.run.num ?? []))));
}

function applyApart(tools: CommitTools, items: readonly Item[]): CommitAnswer[] {
  const now = tools.now();
  return items.map((item) => (isRefused(item) ? item : applyInSavepoint(tools, item, now)));
}

function applyInSavepoint(tools: CommitTools, item: PreparedBatch, now: number): CommitAnswer {
  const { db, names } = tools;
  db.exec('savepoint batch');
  try {
    const group = new Group(db, names, now);
    const answer = applyBatch(group, item);
    group.flush();
    db.exec('release batch');
    return answer;
  } catch (error) {
    if (surroundingsError(error) !== undefined) throw error; // the whole transaction is lost
    db.exec('rollback to batch; release batch');
    names.forget();
    return refused(
      'refused',
      `the store: ${error instanceof Error ? error.message : String(sqliteCode(error))}`,
    );
  }
}
