/** Batches that touch one row alone: most of them, and worth a way of their own. */
import { EXTERNAL, type PreparedBatch } from '../index.ts';

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
  return items.toSorted((a, b) => numOf(a) - numOf(b));
}

/** Starts come last. */
function numOf({ batch: { run } }: PreparedBatch): number {
  return run.num ?? Number.MAX_SAFE_INTEGER;
}
