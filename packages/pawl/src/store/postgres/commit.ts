/** Group commit: one call of one function for all batches, one answer each. */
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
import { answersOf } from './answers.ts';
import type { Connection, StorePlatform } from './connection.ts';
import { isPassing } from './errors.ts';
import { GivenNames } from './given-names.ts';
import type { Names } from './names.ts';
import { Plan } from './plan.ts';
import { commitCall } from './queries/commit.ts';
import { inRowOrder } from './simple-batch.ts';

/** What a commit works with. */
export interface CommitTools {
  readonly db: Connection;
  readonly names: Names;
  readonly limits: StoreLimits;
  readonly platform: StorePlatform;
  /** The store's clock, ms since 1970; null where it is that of the server. */
  readonly now: () => number | null;
}

/** A deadlock or a key taken in the same moment: the whole group is sent again so often. */
const MAX_TRIES = 5;
const PAUSE_MS = 2;

/**
 * Batches are judged and applied in their order. Where a statement fails, nothing of the group was written, and each batch is sent
 * alone, so that the one that cannot be written is refused alone.
 */
export async function commitGroup(tools: CommitTools, batches: readonly Batch[]): Promise<CommitAnswer[]> {
  const items = batches.map((batch) => prepareBatch(batch, tools.limits));
  const writable = items.filter((item): item is PreparedBatch => !isRefused(item));
  const answers = writable.length === 0 ? [] : await send(tools, writable);
  return items.map((item) => (isRefused(item) ? item : (answers.shift() as CommitAnswer)));
}

async function send(tools: CommitTools, items: readonly PreparedBatch[]): Promise<CommitAnswer[]> {
  try {
    return await sendPatiently(tools, items);
  } catch (error) {
    if (isPawlError(error)) throw error;
    if (items.length === 1) return [refusal(error)];
  }
  const answers: CommitAnswer[] = [];
  for (const item of items) answers.push(...(await send(tools, [item])));
  return answers;
}

async function sendPatiently(tools: CommitTools, items: readonly PreparedBatch[]): Promise<CommitAnswer[]> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await sendOnce(tools, items);
    } catch (error) {
      if (!isPassing(error) || tries === MAX_TRIES) throw error;
      await new Promise<void>((resolve) => {
        tools.platform.setTimer(PAUSE_MS * tries * (0.5 + tools.platform.random()), resolve);
      });
    }
  }
}

async function sendOnce(
  { db, names, now }: CommitTools,
  items: readonly PreparedBatch[],
): Promise<CommitAnswer[]> {
  const given = new GivenNames();
  await given.collect(names, items);
  const plan = new Plan(given);
  const inOrder = inRowOrder(items);
  const sent = inOrder ?? items;
  for (const item of sent) plan.add(item);
  const [row] = await db.write(commitCall, ...plan.params(now(), inOrder === undefined));
  const answers = new Map(answersOf(row?.answers ?? '[]').map((answer, index) => [sent[index], answer]));
  return items.map((item) => answers.get(item) as CommitAnswer);
}

function refusal(error: unknown): Refused {
  const detail = `the store: ${error instanceof Error ? error.message : String(error)}`;
  return { type: 'refused', reason: 'refused', detail };
}
