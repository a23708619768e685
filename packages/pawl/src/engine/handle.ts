/** The handle of a run: its result, its status, its events. */
import { pawlError } from '../errors/index.ts';
import { foldAll, isTerminal, type RunStatus, type StoredEvent } from '../run/index.ts';
import { checkOptions, checkWhole, decodePayload, type Payload } from '../std/index.ts';
import { type Failure, StepFailed } from '../step/index.ts';
import type { EventsOptions, RunHandle } from './api.ts';
import { type EngineContext, refOf, requireRun } from './context.ts';
import type { EndNotice } from './end-notices.ts';
import { readAll } from './read-all.ts';

export function runHandle<Output>(context: EngineContext, runId: string): RunHandle<Output> {
  return {
    id: runId,
    result: async () => (await resultOf(requireOpen(context), runId)) as Output,
    status: async () => await statusOf(requireOpen(context), runId),
    events: (options = {}) => {
      checkOptions(options, { where: 'events', known: ['after', 'follow', 'signal'] });
      checkWhole(options.after, 'events.after', { from: 0, to: Number.MAX_SAFE_INTEGER });
      return eventsOf(context, runId, options);
    },
  };
}

function requireOpen(context: EngineContext): EngineContext {
  if (context.journal.isClosed) throw pawlError('ENGINE_CLOSED');
  return context;
}

/** The status of the run that this one went on as, where it did. */
async function statusOf(context: EngineContext, runId: string): Promise<RunStatus> {
  const { status, run, lastSeq } = await requireRun(context, runId);
  if (status !== 'completed') return status;
  const [last] = await context.store.readEvents(run, lastSeq - 1, 1);
  const next = last?.type === 'run.completed' ? last.data.continuedTo : undefined;
  return next === undefined ? status : await statusOf(context, next);
}

interface End {
  readonly status: RunStatus;
  readonly output: Payload;
  readonly failure: Payload | undefined;
  readonly continuedTo: string | undefined;
}

async function resultOf(context: EngineContext, runId: string): Promise<unknown> {
  for (let id = runId; ; ) {
    const end = await endOf(context, id);
    if (end.continuedTo !== undefined) id = end.continuedTo;
    else if (end.status === 'completed') return decodePayload(end.output);
    else throw failedRun(id, end);
  }
}

function failedRun(runId: string, end: End): Error {
  if (end.failure === undefined)
    return pawlError('RUN_FAILED', { runId, status: end.status, problem: 'it was cancelled.' });
  const failure = decodePayload(end.failure) as unknown as Failure;
  return pawlError(
    'RUN_FAILED',
    { runId, status: end.status, problem: `${failure.code}: ${failure.message}` },
    { cause: new StepFailed(failure) },
  );
}

async function endOf(context: EngineContext, runId: string): Promise<End> {
  for (;;) {
    const notice = context.notices.nextEnd(refOf(context, runId));
    const isDrivenHere = context.worker?.drives(refOf(context, runId)) ?? false;
    if (!isDrivenHere && isTerminal((await requireRun(context, runId)).status))
      return await recordedEnd(context, runId);
    const told = await notice;
    if (told.type === 'ended') return endFrom(told);
    if (context.journal.isClosed) throw pawlError('ENGINE_CLOSED');
  }
}

function endFrom({ event }: Extract<EndNotice, { type: 'ended' }>): End {
  const payload = event.payload ?? '';
  return {
    status:
      event.type === 'run.completed' ? 'completed' : event.type === 'run.failed' ? 'failed' : 'cancelled',
    output: payload,
    failure: event.type === 'run.failed' ? payload : undefined,
    continuedTo: event.type === 'run.completed' ? event.data.continuedTo : undefined,
  };
}

async function recordedEnd(context: EngineContext, runId: string): Promise<End> {
  const row = await requireRun(context, runId);
  const state = foldAll(row.run, await readAll(context.store, row.run), { history: false });
  return {
    status: state.status,
    output: state.output ?? '',
    failure: state.failure,
    continuedTo: state.continuedTo,
  };
}

async function* eventsOf(
  context: EngineContext,
  runId: string,
  options: EventsOptions,
): AsyncGenerator<StoredEvent> {
  await requireRun(requireOpen(context), runId);
  let after = options.after ?? 0;
  let hasEnded = false;
  while (!options.signal?.aborted) {
    const notice =
      options.follow && !hasEnded ? context.notices.next(refOf(context, runId), options.signal) : undefined;
    const events = await context.store.readEvents(refOf(context, runId), after, 500);
    for (const event of events) {
      after = event.seq;
      yield event;
      if (options.signal?.aborted) return;
    }
    if (events.length > 0) continue;
    if (!notice) return;
    hasEnded = isTerminal((await requireRun(context, runId)).status);
    if (hasEnded) continue; // its last events may have come after the empty read
    await notice;
    if (context.journal.isClosed && !options.signal?.aborted) throw pawlError('ENGINE_CLOSED');
  }
}
