/** Batches that touch one row alone: most of them, and worth a way of their own. */
import type { RunRef } from '../../run/index.ts';
import { EXTERNAL, type PreparedBatch, type PreparedEvent } from '../index.ts';

/**
 * Whether a holder's batch only appends to its run, and at most gives it back or ends it: one update judges and moves the row.
 * What else may stand against it (open waits of a run that ends, tasks) is found there, and sends it the long way.
 */
export function isSimple({ batch, events, creates, arrivals, conclusion }: PreparedBatch): boolean {
  if (batch.fence === EXTERNAL || batch.run.num === undefined) return false;
  if ((batch.dedupeId ?? batch.requires) !== undefined) return false;
  if (creates.length + arrivals.length + (batch.tasks?.length ?? 0) + (batch.ledger?.length ?? 0) > 0)
    return false;
  if (conclusion === undefined) return !events.some(concernsMore);
  const { creates: more, arrivals: others, events: last, conclusion: end } = conclusion;
  if (more.length + others.length + (end.ledger?.length ?? 0) > 0) return false;
  return !events.some(concernsMore) && !last.some(concernsMore);
}

/** Events that move rows of waits, or say why a run stands still. */
const MORE: ReadonlySet<string> = new Set([
  'wait.opened',
  'approval.requested',
  'wait.resolved',
  'wait.expired',
  'wait.cancelled',
  'signal.received',
  'run.parked',
]);

function concernsMore({ event }: PreparedBatch['events'][number]): boolean {
  return MORE.has(event.type);
}

/** A start of a run that nobody can have heard of locks no row that is there already. */
function isPlainStart({ batch, creates, arrivals, conclusion }: PreparedBatch): boolean {
  return (
    batch.dedupeId === undefined &&
    conclusion === undefined &&
    arrivals.length === 0 &&
    creates.length === 1 &&
    creates[0]?.run.runId === batch.run.runId &&
    creates[0].run.tenant === batch.run.tenant
  );
}

/** Whether one insert can create the run: it has no key, opens no wait, and is not parked from its first moment. */
export function isPlainNewcomer(prepared: PreparedBatch): boolean {
  const [own] = prepared.creates;
  if (own === undefined || !isPlainStart(prepared) || prepared.batch.fence !== EXTERNAL) return false;
  return (
    prepared.events.length === 0 &&
    (prepared.batch.tasks?.length ?? 0) + (prepared.batch.ledger?.length ?? 0) === 0 &&
    own.run.idempotencyKey === undefined &&
    !own.events.some(concernsMore)
  );
}

/**
 * The same batches in the order of the numbers of their runs, so that their rows are locked in that order as they are moved;
 * undefined where one of them touches several rows: then all rows are locked first.
 */
export function inRowOrder(items: readonly PreparedBatch[]): readonly PreparedBatch[] | undefined {
  if (!items.every((item) => isSimple(item) || isPlainStart(item))) return undefined;
  return items.toSorted(byNum);
}

/** Fewer are not worth a statement of their own, where others of their group need one anyway. */
const MIN_TOGETHER = 4;

/** Those that one statement judges and writes at once, in the order of their numbers, and those that are judged one by one. */
export interface Split {
  readonly together: readonly PreparedBatch[];
  readonly oneByOne: readonly PreparedBatch[];
}

/**
 * Each of those that are taken together is the only one of its group that concerns its run, so that their order says nothing.
 * `longWay`: runs of which something was found that only the long way knows how to handle.
 */
export function splitGroup(items: readonly PreparedBatch[], longWay: ReadonlySet<number>): Split {
  const plain = new Set(items.filter((item) => isSimple(item) || isPlainNewcomer(item)));
  const mentions = plain.size === items.length && areApart(items) ? undefined : mentionsOf(items);
  const together = items.filter(
    (item) =>
      plain.has(item) &&
      !longWay.has(numOf(item)) &&
      !hasBlob(item) &&
      (mentions === undefined || mentions.get(keyOf(item.batch.run)) === 1),
  );
  if (together.length < items.length && together.length < MIN_TOGETHER)
    return { together: [], oneByOne: items };
  const taken = new Set(together);
  return { together: together.toSorted(byNum), oneByOne: items.filter((item) => !taken.has(item)) };
}

/** Whether each concerns a run of its own, where none concerns more than one: told without a look at most of the names. */
function areApart(plain: readonly PreparedBatch[]): boolean {
  const held = plain.filter(({ batch }) => batch.fence !== EXTERNAL);
  const fresh = plain.filter(({ batch }) => batch.fence === EXTERNAL);
  const isApart = new Set(held.map(numOf)).size === held.length;
  return isApart && new Set(fresh.map(({ batch }) => keyOf(batch.run))).size === fresh.length;
}

/** How many batches concern each run. */
function mentionsOf(items: readonly PreparedBatch[]): ReadonlyMap<string, number> {
  const mentions = new Map<string, number>();
  for (const item of items) for (const key of runsOf(item)) mentions.set(key, (mentions.get(key) ?? 0) + 1);
  return mentions;
}

/** Each run once. */
function runsOf({ batch, creates, arrivals, conclusion }: PreparedBatch): Iterable<string> {
  const own = keyOf(batch.run);
  if (creates.length + arrivals.length === 0 && conclusion === undefined) return [own];
  const keys = new Set([own]);
  for (const { run } of [...creates, ...(conclusion?.creates ?? [])]) keys.add(keyOf(run));
  for (const { arrival } of [...arrivals, ...(conclusion?.arrivals ?? [])]) keys.add(keyOf(arrival.run));
  return keys;
}

function keyOf({ tenant, runId }: RunRef): string {
  return `${tenant}\n${runId}`;
}

/** Bodies of large payloads stand in a table of their own. */
function hasBlob({ events, creates: [made], conclusion }: PreparedBatch): boolean {
  const isLarge = ({ columns }: PreparedEvent): boolean => columns.blob !== null;
  return (
    events.some(isLarge) || made?.events.some(isLarge) === true || conclusion?.events.some(isLarge) === true
  );
}

/** Starts come last. */
function byNum(a: PreparedBatch, b: PreparedBatch): number {
  return numOf(a) - numOf(b);
}

export function numOf({ batch: { run } }: PreparedBatch): number {
  return run.num ?? Number.MAX_SAFE_INTEGER;
}
