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
import { isPassing, unknownFate } from './errors.ts';
import { GivenNames } from './given-names.ts';
import type { Names } from './names.ts';
import { Plan } from './plan.ts';
import { commitCall } from './queries/commit.ts';
import { SetPlan } from './set-plan.ts';
import { inRowOrder, isSimple, numOf, splitGroup } from './simple-batch.ts';

/** What a commit works with. */
export interface CommitTools {
  readonly db: Connection;
  readonly names: Names;
  readonly limits: StoreLimits;
  readonly platform: StorePlatform;
  /** The store's clock, ms since 1970; null where it is that of the server. */
  readonly now: () => number | null;
  /** Runs whose batches are judged one by one, by number. */
  readonly longWay: Set<number>;
}

/** A deadlock or a key taken in the same moment: the whole group is sent again so often. */
const MAX_TRIES = 5;
const PAUSE_MS = 2;
/** At the limit the memory is emptied and filled again. */
const MAX_LONG_WAY = 10_000;

/**
 * Batches are judged and applied in their order, those whose order says nothing together. Where a statement fails, nothing that it
 * would have written was written, and each batch is sent alone, so that the one that cannot be written is refused alone.
 */
export async function commitGroup(tools: CommitTools, batches: readonly Batch[]): Promise<CommitAnswer[]> {
  const items = batches.map((batch) => prepareBatch(batch, tools.limits));
  const writable = items.filter((item): item is PreparedBatch => !isRefused(item));
  const answers: Answers = new Map();
  try {
    const leftOver = await sendTogether(tools, writable, answers);
    const left = writable.filter((item) => !answers.has(item));
    if (left.length > 0) await send(tools, left, answers);
    rememberLongWay(tools, leftOver, answers);
  } catch (error) {
    // whoever hears that nothing happened sends all of them again
    if (answers.size > 0 && isPawlError(error) && error.code === 'STORE_UNAVAILABLE')
      throw unknownFate(error);
    throw error;
  }
  return items.map((item) => (isRefused(item) ? item : (answers.get(item) as CommitAnswer)));
}

type Answers = Map<PreparedBatch, CommitAnswer>;

/** Most of a group, in one statement. Answers what it did not take. */
async function sendTogether(
  tools: CommitTools,
  items: readonly PreparedBatch[],
  answers: Answers,
): Promise<readonly PreparedBatch[]> {
  const { db, names, now, longWay } = tools;
  const { together } = splitGroup(items, longWay);
  if (together.length === 0 || (await db.isPooled())) return []; // a pooler's sessions keep no settings
  try {
    await patiently(tools, async () => {
      const given = new GivenNames();
      await given.collect(names, together);
      const plan = new SetPlan(given, together);
      for (const [item, answer] of await plan.send(db, now())) answers.set(item, answer);
    });
    return together.filter((item) => !answers.has(item));
  } catch (error) {
    if (isPawlError(error)) throw error;
    return []; // one of them cannot be written: each hears for itself
  }
}

async function send(tools: CommitTools, items: readonly PreparedBatch[], answers: Answers): Promise<void> {
  try {
    const all = await patiently(tools, () => sendOnce(tools, items));
    for (const [index, item] of items.entries()) answers.set(item, all[index] as CommitAnswer);
    return;
  } catch (error) {
    if (isPawlError(error)) throw error;
    if (items.length === 1) return void answers.set(items[0] as PreparedBatch, refusal(error));
  }
  for (const item of items) await send(tools, [item], answers);
}

async function patiently<T>({ platform }: CommitTools, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || tries === MAX_TRIES) throw error;
      await new Promise<void>((resolve) => {
        platform.setTimer(PAUSE_MS * tries * (0.5 + platform.random()), resolve);
      });
    }
  }
}

/** Runs that have tasks, or waits as they end: the next batch of one would be left over again. */
function rememberLongWay({ longWay }: CommitTools, left: readonly PreparedBatch[], answers: Answers): void {
  for (const item of left) {
    if (answers.get(item)?.type !== 'committed' || !isSimple(item)) continue;
    if (longWay.size >= MAX_LONG_WAY) longWay.clear();
    longWay.add(numOf(item));
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
