/** A task in the hands of this worker: one attempt of a step of a run that somebody else may drive. */
import type { NewEvent } from '../run/index.ts';
import type { Payload } from '../std/index.ts';
import { NO_USAGE } from '../step/index.ts';
import { type Batch, type ClaimedTask, EXTERNAL } from '../store/index.ts';
import type { Execution, PipelineHost } from './execution.ts';
import type { SessionHost } from './host.ts';
import { kindNameOf } from './needs.ts';
import { openStep } from './open-step.ts';
import { ledgerOf } from './outbox.ts';
import { refusedOutcome } from './outcomes.ts';
import { numbered } from './step-start.ts';
import { Stop } from './stop.ts';
import { readOrder } from './task-order.ts';

/** States: *waiting* (for a slot) → *executing* → *recording* (its end is on its way) → gone; *withdrawn*: nothing of it counts any more. */
export interface TaskAttempt {
  readonly task: ClaimedTask;
  readonly stop: Stop;
  state: 'waiting' | 'executing' | 'recording' | 'withdrawn';
  stopWaiting?: () => void;
}

export function taskAttempt(task: ClaimedTask): TaskAttempt {
  return { task, stop: new Stop(), state: 'waiting' };
}

/** The same attempt, taken over by somebody else, is another one. */
export function keyOf({ run, path, attempt, epoch }: ClaimedTask): string {
  return `${run.num}:${path}:${attempt}:${epoch}`;
}

/** Nothing more is done for it, and nothing of it is recorded. */
export function withdraw(attempt: TaskAttempt, reason: string): void {
  attempt.state = 'withdrawn';
  attempt.stopWaiting?.();
  attempt.stop.stop(reason);
}

/** Whoever executes a task, and what it writes through. */
export type TaskWriter = Pick<SessionHost, 'platform' | 'workerId' | 'journal'>;

/** What a worker says of its task; with an id it may say it again, and gets the first answer. */
export interface TaskWord {
  readonly task: ClaimedTask;
  readonly event: NewEvent;
  readonly dedupeId?: string | undefined;
}

/**
 * Taken only while the task is its worker's; an outcome that the store cannot hold is recorded as the failure that it is.
 * @returns why the task is not its worker's any more; undefined where the word was taken.
 */
export async function commitOfTask(word: TaskWord, writer: TaskWriter): Promise<string | undefined> {
  const { task, event, dedupeId = writer.platform.newId() } = word;
  const { path, attempt, epoch, run } = task;
  const ledger = ledgerOf([event]);
  const batch: Batch = {
    run,
    fence: EXTERNAL,
    dedupeId,
    requires: { task: { path, attempt, epoch, holder: writer.workerId } },
    events: [event],
    ...(ledger.length > 0 ? { ledger } : {}),
  };
  const isEnd = event.type !== 'step.started' && event.type !== 'step.progressed';
  const answer = await writer.journal.commit(isEnd ? { ...batch, wakes: 'arrival' } : batch);
  if (answer.type !== 'refused') return undefined;
  const other = answer.reason === 'refused' ? refusedOutcome(event, answer.detail) : undefined;
  if (!other) return answer.detail;
  return await commitOfTask({ task, event: other, dedupeId: `${dedupeId}:refused` }, writer);
}

/** What an attempt takes from its surroundings. */
export type TaskHost = PipelineHost & Pick<SessionHost, 'kinds'>;

export interface TaskJournal {
  /** Records that it begins; resolves when the attempt may fire. @throws where the task is not this worker's any more. */
  begin(attempt: TaskAttempt, event: NewEvent): Promise<void>;
  progress(attempt: TaskAttempt, event: NewEvent): void;
}

/** The attempt on its way through the pipeline. @throws where the order cannot be read, or the kind is not here. */
export function taskExecution(attempt: TaskAttempt, host: TaskHost, journal: TaskJournal): Execution {
  const { task, stop } = attempt;
  const { spec, used, deadlineAt } = readOrder(task);
  const kind = host.kinds.get(spec.kind);
  if (!kind) throw new Error(`the kind "${spec.kind}" is not here`);
  const { retry, timeoutMs } = openStep(spec, { kind, barrier: 0, known: undefined });
  let progressed = 0;
  return {
    host,
    runId: task.run.runId,
    tenant: task.run.tenant,
    spec,
    kind,
    retry,
    attempt: task.attempt,
    used,
    timeoutMs,
    deadlineAt,
    stop,
    input: spec.input,
    startedAt: 0,
    endedAt: 0,
    usage: NO_USAGE,
    hasBegun: false,
    begin: (execution) => {
      execution.hasBegun = true;
      return journal.begin(attempt, beganEvent(task, host, execution));
    },
    progress: (payload: Payload) => {
      const data = { ...numbered(task.attempt), index: progressed++ };
      journal.progress(attempt, { type: 'step.progressed', path: task.path, data, payload });
    },
    write: () => undefined, // its end is recorded, and waited for, when the pipeline is through
  };
}

function beganEvent(
  task: ClaimedTask,
  host: Pick<SessionHost, 'workerId'>,
  { startedAt: at }: Execution,
): NewEvent {
  const { path, attempt, kind, queue } = task;
  const data = { ...numbered(attempt), kind: kindNameOf(kind), queue, workerId: host.workerId, at };
  return { type: 'step.started', path, data };
}
