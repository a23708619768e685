/** What `pawl.commit_1` answers, as the port says it; the answer to a resend was kept as it stood. */
import { pawlError } from '../../errors/index.ts';
import { isTerminal, type RunRef } from '../../run/index.ts';
import {
  type Batch,
  type Behind,
  type CommitAnswer,
  type Committed,
  type CreatedRun,
  EXTERNAL,
  type Refused,
} from '../index.ts';
import { statusOfCode } from './status-codes.ts';

/** `[0, reason, detail, isLate?]`, `[1, firstSeq, lastSeq, status, at, created, touched]`, `[2, firstSeq, lastSeq, seq, at, created, touched]`. */
type Answer =
  | readonly [kind: 0, reason: Refused['reason'], detail: string | number, isLate?: boolean]
  | readonly [1 | 2, number, number, number, number, readonly Created[], readonly Touched[]];
type Created = readonly [
  tenant: string,
  id: string,
  num: number,
  epoch: number,
  lastSeq: number,
  isNew: 0 | 1,
  digest?: string | null,
];
type Touched = readonly [tenant: string, id: string, num: number];

export function answersOf(text: string): CommitAnswer[] {
  return (JSON.parse(text) as readonly Answer[]).map(answerOf);
}

function answerOf(answer: Answer): CommitAnswer {
  if (answer[0] === 0) return refusedOf(answer);
  const [kind, firstSeq, lastSeq, third, at, created, touched] = answer;
  const done = { firstSeq, lastSeq, at, created: created.map(createdOf), touched: touched.map(refOf) };
  if (kind === 2) return { type: 'behind', ...done, seq: third } satisfies Behind;
  return { type: 'committed', ...done, status: statusOf(third) } satisfies Committed;
}

/** A status stands in a refusal by its number. */
function refusedOf([, reason, detail, isLate]: Extract<Answer, { 0: 0 }>): Refused {
  const text = typeof detail === 'number' ? `the run is ${statusOf(detail)}` : detail;
  return { type: 'refused', reason, detail: text, ...(isLate === true ? { isLate } : {}) };
}

function createdOf([tenant, runId, num, epoch, lastSeq, isNew, digest]: Created): CreatedRun {
  const made = { run: { tenant, runId, num }, epoch, lastSeq, isNew: isNew === 1 };
  return isNew === 1 ? made : { ...made, inputDigest: digest ?? undefined };
}

function refOf([tenant, runId, num]: Touched): RunRef {
  return { tenant, runId, num };
}

function statusOf(code: number): Committed['status'] {
  const status = statusOfCode(code);
  if (status === undefined) throw pawlError('STORE_CORRUPT', { what: `the status ${code} of a run` });
  return status;
}

/** Whether others may want to know of it at once: a run ended, became due, or got something from outside. */
export function concernsOthers(answer: CommitAnswer, { fence, creates }: Batch): boolean {
  if (answer.type === 'refused') return false;
  // A run that nobody holds, or that another process may hold.
  if (fence === EXTERNAL && (creates ?? []).every(({ holder }) => holder === null)) return true;
  return answer.type === 'behind' || answer.touched.length > 0 || isTerminal(answer.status);
}
