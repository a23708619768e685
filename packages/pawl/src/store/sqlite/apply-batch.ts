/** One batch inside its transaction: refused before anything is written, or applied whole. */
import { isTerminal, type RunRef } from '../../run/index.ts';
import {
  type Batch,
  type CommitAnswer,
  type CreatedRun,
  EXTERNAL,
  type PreparedBatch,
  type PreparedConclusion,
  type PreparedRun,
  type Refused,
} from '../index.ts';
import { arrive, arriveElsewhere } from './arrive.ts';
import { createRun, creationProblem, isSameRun } from './create-run.ts';
import type { Group } from './group.ts';
import { type Head, set } from './head.ts';
import { insertAnswer } from './queries/insert-answer.ts';
import { insertLedger } from './queries/insert-ledger.ts';
import { pruneAnswers } from './queries/prune-answers.ts';
import { selectAnswer } from './queries/select-answer.ts';
import { fenceProblem, refused, unmetRequirement } from './requirement.ts';

/** How long a resend gets the first answer. */
const ANSWER_LIFE_MS = 86_400_000;

export function applyBatch(group: Group, prepared: PreparedBatch): CommitAnswer {
  const { batch } = prepared;
  const own = prepared.creates.find(({ run }) => isSameRun(run, batch.run));
  const isFirst = own !== undefined && batch.dedupeId === undefined; // nobody else can have asked
  const head = isFirst ? undefined : group.head(batch.run);
  const first = head && firstAnswer(group, head, batch.dedupeId);
  if (first !== undefined) return first;
  if (own !== undefined) return applyStart(group, prepared, own);
  if (head === undefined) return refused('not_found', `there is no run ${batch.run.runId}`);
  const doesConclude =
    prepared.conclusion !== undefined && head.arrivedSeq <= prepared.conclusion.conclusion.seenSeq;
  const conclusion = doesConclude ? prepared.conclusion : undefined;
  const problem =
    fenceProblem(group, head, batch.fence) ??
    unmetRequirement(group, head, batch.requires) ??
    creationProblem(
      group,
      conclusion === undefined ? prepared.creates : [...prepared.creates, ...conclusion.creates],
    );
  if (problem !== undefined) return problem;
  const answer = apply(group, head, { ...prepared, conclusion });
  return keepAnswer(group, head, {
    batch,
    answer: prepared.conclusion === conclusion ? answer : behind(answer, head),
  });
}

interface Done {
  readonly created: CreatedRun[];
  readonly touched: RunRef[];
}

type Committed = Extract<CommitAnswer, { type: 'committed' }>;

function apply(group: Group, head: Head, prepared: PreparedBatch): Committed {
  const { batch, conclusion } = prepared;
  const firstSeq = head.lastSeq + 1;
  group.addTasks(head, batch.tasks ?? []);
  if (batch.fence === EXTERNAL) arrive(group, head, { events: prepared.events, wakes: batch.wakes });
  else group.append(head, prepared.events);
  writeLedger(group, head, batch.ledger);
  const done: Done = { created: [], touched: [] };
  spread(group, prepared, done);
  if (conclusion !== undefined) conclude(group, head, { conclusion, done });
  return { type: 'committed', firstSeq, lastSeq: head.lastSeq, at: group.now, status: head.status, ...done };
}

/** Creates and arrivals: what one batch does to other runs. */
function spread(group: Group, part: Pick<PreparedBatch, 'creates' | 'arrivals'>, done: Done): void {
  for (const run of part.creates) done.created.push(createRun(group, run));
  done.touched.push(...arriveElsewhere(group, part.arrivals));
}

function conclude(
  group: Group,
  head: Head,
  { conclusion, done }: { conclusion: PreparedConclusion; done: Done },
): void {
  group.append(head, conclusion.events);
  writeLedger(group, head, conclusion.conclusion.ledger);
  spread(group, conclusion, done);
  const { dueAt, release } = conclusion.conclusion;
  if (isTerminal(head.status)) return;
  if (dueAt !== undefined) set(head, 'dueAt', dueAt);
  if (release !== true) return;
  set(head, 'holder', null);
  set(head, 'strikes', 0);
}

function behind({ created, touched, firstSeq, lastSeq, at }: Committed, head: Head): CommitAnswer {
  return { type: 'behind', firstSeq, lastSeq, seq: head.arrivedSeq, at, created, touched };
}

/** A batch that creates the run that it names: a start. */
function applyStart(group: Group, prepared: PreparedBatch, own: PreparedRun): CommitAnswer {
  const { batch, creates } = prepared;
  const problem = startProblem(prepared) ?? creationProblem(group, creates);
  if (problem !== undefined) return problem;
  const done: Done = { created: [], touched: [] };
  spread(group, prepared, done);
  const created = done.created[creates.indexOf(own)];
  const head = created && group.head(created.run);
  if (created === undefined || head === undefined)
    throw new Error(`the run ${batch.run.runId} was not created`);
  const { lastSeq, status } = head;
  const answer: Committed = { type: 'committed', firstSeq: 1, lastSeq, at: group.now, status, ...done };
  return created.isNew ? keepAnswer(group, head, { batch, answer }) : answer;
}

function startProblem({ batch, events, conclusion }: PreparedBatch): Refused | undefined {
  if (batch.fence !== EXTERNAL) return refused('lease_lost', `there is no run ${batch.run.runId}`);
  if (events.length === 0 && conclusion === undefined) return undefined;
  return refused('refused', 'the events of a new run stand in its `creates`');
}

function firstAnswer({ db }: Group, head: Head, dedupeId: string | undefined): CommitAnswer | undefined {
  const row = dedupeId === undefined ? undefined : db.get(selectAnswer, head.num, dedupeId);
  if (row === undefined) return undefined;
  return row.answer === null ? refused('conflict', 'sent before') : (JSON.parse(row.answer) as CommitAnswer);
}

function keepAnswer(
  { db, now }: Group,
  head: Head,
  { batch, answer }: { batch: PreparedBatch['batch']; answer: CommitAnswer },
): CommitAnswer {
  if (batch.dedupeId === undefined) return answer;
  db.run(insertAnswer, head.num, batch.dedupeId, now, JSON.stringify(answer));
  db.run(pruneAnswers, now - ANSWER_LIFE_MS);
  return answer;
}

function writeLedger({ db, now }: Group, head: Head, lines: Batch['ledger'] = []): void {
  for (const { path, attempt, usage } of lines) {
    db.run(
      insertLedger,
      head.num,
      path,
      attempt,
      now,
      usage.inputTokens,
      usage.outputTokens,
      usage.costNanoUsd,
    );
  }
}
