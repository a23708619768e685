/** What people and systems do to a run from outside: each an arrival, recorded before anything acts on it. */
import { isPawlError, pawlError } from '../errors/index.ts';
import {
  emptyState,
  fold,
  foldAll,
  isTerminal,
  type NewEvent,
  requireName,
  type RunState,
  type RunStatus,
  type WaitState,
} from '../run/index.ts';
import { checkWhole, decodePayload, encodeValue, type Payload } from '../std/index.ts';
import { type Batch, type CommitAnswer, type RunRow } from '../store/index.ts';
import { canCancelAtOnce, cancelBatch } from '../worker/index.ts';
import { checkLabel } from './answer-label.ts';
import type { ActOptions, AnswerOptions, DecisionOptions, ResumeOptions } from './api.ts';
import { commitExternal, type EngineContext, requireRun } from './context.ts';
import { checkJsonSchema } from './json-schema.ts';
import { readAll } from './read-all.ts';

/** A run with its folded state, for acts that must know what is open. */
async function folded(
  context: EngineContext,
  runId: string,
): Promise<{ readonly row: RunRow; readonly state: RunState }> {
  const row = await requireRun(context, runId);
  return { row, state: foldAll(row.run, await readAll(context.store, row.run)) };
}

function payloadFor(context: EngineContext, value: unknown, what: string): Payload {
  const payload = context.secrets.mask(encodeValue(value, what));
  const bytes = Buffer.byteLength(payload);
  if (bytes > context.payloadBytes)
    throw pawlError('PAYLOAD_TOO_LARGE', { what, bytes, limit: context.payloadBytes });
  return payload;
}

/** @throws `PERSON_MISSING` */
function requirePerson(options: ActOptions | undefined, verb: string): string {
  const by = options?.by;
  if (by === undefined || by.trim() === '') throw pawlError('PERSON_MISSING', { verb });
  return by;
}

function actor(options: ActOptions): { readonly actor?: string } {
  return options.by === undefined ? {} : { actor: options.by };
}

/** Turns a refusal into the error that names the thing. */
async function demand(
  context: EngineContext,
  answer: CommitAnswer,
  act: { readonly runId: string; readonly verb: string; readonly path?: string; readonly what?: string },
): Promise<void> {
  if (answer.type !== 'refused') return;
  const { runId, verb, path = '', what = 'wait' } = act;
  if (answer.reason === 'not_found') throw pawlError('RUN_NOT_FOUND', { runId });
  if (answer.reason === 'run_terminal')
    throw pawlError('RUN_TERMINAL', { runId, status: (await requireRun(context, runId)).status, verb });
  if (answer.reason === 'refused') throw pawlError('OPTION_INVALID', { where: verb, problem: answer.detail });
  if (answer.reason !== 'conflict') throw pawlError('STORE_UNAVAILABLE', { problem: answer.detail });
  if (answer.isLate) throw pawlError('DECISION_LATE', { runId, path });
  throw pawlError('GATE_CLOSED', { runId, path: ` "${path}"`, what, open: '' });
}

// ---- signals

/** Sends a message; the run that a continued run became gets it. */
export async function signal(
  context: EngineContext,
  runId: string,
  message: { readonly name: string; readonly payload: unknown; readonly options: ActOptions },
): Promise<void> {
  const { name, options } = message;
  requireName(name, 'a signal');
  const payload = payloadFor(context, message.payload, `the payload of signal "${name}"`);
  await checkOpenSignal(context, runId, { name, value: message.payload });
  const event: NewEvent = { type: 'signal.received', data: { name }, payload, ...actor(options) };
  const answer = await commitExternal(
    context,
    arrival(context, runId, { events: [event], options, of: `signal ${name}` }),
  );
  await demand(context, answer, { runId, verb: 'a signal' });
}

function arrival(
  context: EngineContext,
  runId: string,
  act: {
    readonly events: readonly NewEvent[];
    readonly options: ActOptions;
    /** What the dedupe id belongs to: the same id of another act is another one. */
    readonly of: string;
    readonly wakes?: 'arrival' | 'always';
    readonly requires?: Batch['requires'];
  },
): Omit<Batch, 'fence'> {
  return {
    run: { tenant: context.tenant, runId },
    events: act.events,
    wakes: act.wakes ?? 'arrival',
    ...(act.options.dedupeId === undefined ? {} : { dedupeId: `${act.of}:${act.options.dedupeId}` }),
    ...(act.requires ? { requires: act.requires } : {}),
  };
}

async function continuedTo(context: EngineContext, runId: string): Promise<string | undefined> {
  const { state } = await folded(context, runId);
  return state.continuedTo;
}

/** Where a wait of this name is open and says what it takes, a message that does not fit is refused at the door. */
async function checkOpenSignal(
  context: EngineContext,
  runId: string,
  message: { readonly name: string; readonly value: unknown },
): Promise<void> {
  const waits = await context.store.listWaits({
    tenant: context.tenant,
    runId,
    kinds: ['signal'],
    limit: 1_000,
  });
  const open = waits
    .filter((wait) => wait.name === message.name)
    .sort((a, b) => a.openedSeq - b.openedSeq)[0];
  if (!open) return;
  const [opening] = await context.store.readEvents(open.run, open.openedSeq - 1, 1);
  const schema = opening?.type === 'wait.opened' ? opening.data.schema : undefined;
  checkJsonSchema(schema, message.value, (issues) =>
    pawlError('ANSWER_INVALID', { path: open.path, issues }),
  );
}

// ---- gates

export interface Decision {
  readonly path: string | undefined;
  readonly decision: 'approved' | 'rejected';
  readonly options: DecisionOptions;
}

/** Whether this very act was committed before: then it is answered as it was, whatever has happened since. */
async function wasDone(
  context: EngineContext,
  runId: string,
  { options, of }: { readonly options: ActOptions; readonly of: string },
): Promise<boolean> {
  if (options.dedupeId === undefined) return false;
  const nothing = arrival(context, runId, { events: [], options, of, requires: { openWait: NO_WAIT } });
  return (await commitExternal(context, nothing)).type !== 'refused';
}

/** No path: a requirement that is never met, so that nothing but a first answer comes back. */
const NO_WAIT = ':none';

export async function decide(context: EngineContext, runId: string, decision: Decision): Promise<void> {
  const { options } = decision;
  const verb = decision.decision === 'approved' ? 'approve' : 'reject';
  const by = requirePerson(options, verb);
  if (await wasDone(context, runId, { options, of: verb })) return;
  const { state } = await folded(context, runId);
  requireOpenRun(state, verb);
  const wait = gate(state, { path: decision.path, kind: 'approval' });
  const { path, approvers } = wait;
  if (approvers && !approvers.includes(by))
    throw pawlError('NOT_AN_APPROVER', { by, runId, path, approvers: approvers.join(', ') });
  const comment = options.comment === undefined ? {} : { comment: options.comment };
  const events: NewEvent[] = [
    {
      type: 'approval.decided',
      path: wait.path,
      actor: by,
      data: { decision: decision.decision, ...comment },
    },
    {
      type: 'wait.resolved',
      path: wait.path,
      actor: by,
      data: { outcome: decision.decision, ...comment },
    },
  ];
  const answer = await commitExternal(
    context,
    arrival(context, runId, { events, options, of: verb, requires: { openWait: wait.path } }),
  );
  await demand(context, answer, { runId, verb, path: wait.path, what: 'approval' });
}

/** A decision is about what its maker saw: it never goes on to the next run, which may ask under the same name. */
function requireOpenRun({ runId, status, continuedTo }: RunState, verb: string): void {
  if (!isTerminal(status)) return;
  if (continuedTo !== undefined) throw pawlError('RUN_CONTINUED', { runId, continuedTo });
  throw pawlError('RUN_TERMINAL', { runId, status, verb });
}

/** The open gate that is meant: the one named, or the only one of its kind. */
function gate(
  state: RunState,
  asked: { readonly path: string | undefined; readonly kind: 'approval' | 'input' },
): WaitState {
  const open = [...state.waits.values()].filter((wait) => wait.status === 'open' && wait.kind === asked.kind);
  const found = asked.path === undefined ? open : open.filter((wait) => wait.path === asked.path);
  const { runId } = state;
  if (found.length > 1)
    throw pawlError('GATE_AMBIGUOUS', { runId, paths: found.map((wait) => wait.path).join(', ') });
  const wait = found[0];
  if (wait) return wait;
  const known = asked.path === undefined ? undefined : state.waits.get(asked.path);
  if (known?.status === 'expired') throw pawlError('DECISION_LATE', { runId, path: known.path });
  const path = asked.path === undefined ? '' : ` "${asked.path}"`;
  throw pawlError('GATE_CLOSED', { runId, what: asked.kind, path, open: openGates(state) });
}

const SHOWN_GATES = 5;

/** What is open instead, for whoever has mistyped a path or taken the wrong verb. */
function openGates(state: RunState): string {
  const gates = [...state.waits.values()].filter(({ status, kind }) => status === 'open' && kind !== 'sleep');
  if (gates.length === 0) return '';
  const named = gates.slice(0, SHOWN_GATES).map(({ kind, path }) => `${kind} "${path}"`);
  const more = gates.length > SHOWN_GATES ? [`${gates.length - SHOWN_GATES} more`] : [];
  return `; it waits for ${[...named, ...more].join(', ')}`;
}

export async function answer(
  context: EngineContext,
  runId: string,
  reply: { readonly path: string | undefined; readonly value: unknown; readonly options: AnswerOptions },
): Promise<void> {
  const { options, value } = reply;
  const by = requirePerson(options, 'answer');
  if (await wasDone(context, runId, { options, of: 'answer' })) return;
  const { state } = await folded(context, runId);
  requireOpenRun(state, 'answer');
  const payload = payloadFor(context, value, 'the answer');
  if (
    state.parked?.reason === 'unknown_effect' &&
    (reply.path === undefined || reply.path === state.parked.path)
  ) {
    return await answerStep(context, state, { payload, options });
  }
  const wait = gate(state, { path: reply.path, kind: 'input' });
  if (options.outcome !== undefined)
    throw pawlError('OPTION_INVALID', {
      where: 'answer.outcome',
      problem: 'an input has no label; a step has one, of which nobody knows whether it happened',
    });
  checkJsonSchema(wait.schema, value, (issues) => pawlError('ANSWER_INVALID', { path: wait.path, issues }));
  const event: NewEvent = {
    type: 'wait.resolved',
    path: wait.path,
    actor: by,
    data: { outcome: 'answered' },
    payload,
  };
  const result = await commitExternal(
    context,
    arrival(context, runId, { events: [event], options, of: 'answer', requires: { openWait: wait.path } }),
  );
  await demand(context, result, { runId, verb: 'answer', path: wait.path, what: 'input' });
}

/** Says what an at-most-once step returned whose outcome nobody recorded: it did happen. */
async function answerStep(
  context: EngineContext,
  state: RunState,
  reply: { readonly payload: Payload; readonly options: AnswerOptions },
): Promise<void> {
  const { outcome } = reply.options;
  checkLabel(context, state, outcome);
  const path = state.parked?.path ?? '';
  const step = state.steps.get(path);
  const at = context.platform.clock.now();
  const attempt = step === undefined || step.attempt === 1 ? {} : { attempt: step.attempt };
  const events: NewEvent[] = [
    {
      type: 'step.completed',
      path,
      ...actor(reply.options),
      data: {
        ...attempt,
        endedAt: at,
        durationMs: 0,
        answered: true,
        ...(outcome === undefined || outcome === 'ok' ? {} : { outcome }),
      },
      payload: reply.payload,
    },
    { type: 'run.resumed', ...actor(reply.options), data: { verb: 'answer', path } },
  ];
  const result = await commitExternal(
    context,
    arrival(context, state.runId, {
      events,
      options: reply.options,
      of: 'answer',
      wakes: 'always',
      requires: { status: ['parked'] },
    }),
  );
  await demand(context, result, { runId: state.runId, verb: 'answer', path, what: 'unknown step' });
}

// ---- the run as a whole

export async function cancel(
  context: EngineContext,
  runId: string,
  options: ActOptions & { readonly reason?: string },
): Promise<void> {
  const row = await requireRun(context, runId);
  if (row.status === 'cancelled') return;
  if (isTerminal(row.status)) throw pawlError('RUN_TERMINAL', { runId, status: row.status, verb: 'cancel' });
  const reason = options.reason === undefined ? {} : { reason: options.reason };
  const requested: Cancelling['requested'] = {
    type: 'run.cancel_requested',
    data: reason,
    ...actor(options),
  };
  if (await cancelAtOnce(context, row, { requested })) return;
  const result = await commitExternal(
    context,
    arrival(context, runId, { events: [requested], options, of: 'cancel', wakes: 'always' }),
  );
  if (result.type === 'refused' && result.reason === 'run_terminal')
    return await cancel(context, runId, options);
  await demand(context, result, { runId, verb: 'cancel' });
}

interface Cancelling {
  readonly requested: Extract<NewEvent, { type: 'run.cancel_requested' }>;
}

/** A run that nobody holds, with nothing to see to, is cancelled in the external commit itself. */
async function cancelAtOnce(context: EngineContext, row: RunRow, cancelling: Cancelling): Promise<boolean> {
  if (row.holder !== null) return false;
  const state = emptyState(row.run, { history: false });
  for (const event of await readAll(context.store, row.run)) fold(state, event);
  const workflow = await context.store.getWorkflow(row.workflow, row.version);
  if (!canCancelAtOnce(state, { hasCleanUp: workflow?.hasOnCancel !== false })) return false;
  const batch = cancelBatch(state, { requested: cancelling.requested, nowMs: context.platform.clock.now() });
  return (await commitExternal(context, batch)).type !== 'refused';
}

const UNFINISHED: readonly RunStatus[] = ['queued', 'running', 'waiting', 'parked', 'paused'];

export async function pause(context: EngineContext, runId: string, options: ActOptions): Promise<void> {
  const row = await requireRun(context, runId);
  if (row.status === 'paused') return;
  const event: NewEvent = { type: 'run.paused', data: {}, ...actor(options) };
  const result = await commitExternal(
    context,
    arrival(context, runId, {
      events: [event],
      options,
      of: 'pause',
      requires: { status: UNFINISHED.filter((status) => status !== 'parked') },
    }),
  );
  if (result.type === 'refused' && result.reason === 'conflict')
    throw pawlError('PAUSE_REFUSED', { runId, status: row.status });
  await demand(context, result, { runId, verb: 'pause' });
}

export async function resume(
  context: EngineContext,
  runId: string,
  { maxSteps, ...options }: ResumeOptions,
): Promise<void> {
  checkWhole(maxSteps, 'resume.maxSteps', { from: 1, to: Number.MAX_SAFE_INTEGER });
  const more = maxSteps === undefined ? {} : { maxSteps };
  await lift(context, runId, { verb: 'resume', from: ['paused', 'parked'], options, ...more });
}

/** Gives the parked steps of a run new attempts. */
export async function retryParked(context: EngineContext, runId: string, options: ActOptions): Promise<void> {
  const { parkReason } = await requireRun(context, runId);
  const path =
    parkReason === 'unknown_effect' ? (await folded(context, runId)).state.parked?.path : undefined;
  await lift(context, runId, {
    verb: 'retry',
    from: ['parked'],
    options,
    ...(path === undefined ? {} : { path }),
  });
}

async function lift(
  context: EngineContext,
  runId: string,
  act: {
    readonly verb: 'resume' | 'retry';
    readonly from: readonly RunStatus[];
    readonly options: ActOptions;
    readonly path?: string;
    readonly maxSteps?: number;
  },
): Promise<void> {
  const row = await requireRun(context, runId);
  const event: NewEvent = {
    type: 'run.resumed',
    data: {
      verb: act.verb,
      ...(act.path === undefined ? {} : { path: act.path }),
      ...(act.maxSteps === undefined ? {} : { maxSteps: act.maxSteps }),
    },
    ...actor(act.options),
  };
  const result = await commitExternal(
    context,
    arrival(context, runId, {
      events: [event],
      options: act.options,
      of: act.verb,
      wakes: 'always',
      requires: { status: act.from },
    }),
  );
  if (result.type === 'refused' && result.reason === 'conflict') {
    if (act.verb === 'resume') throw pawlError('RUN_NOT_PAUSED', { runId, status: row.status });
    throw pawlError('RUN_NOT_PARKED', { runId, status: row.status, verb: act.verb });
  }
  await demand(context, result, { runId, verb: act.verb });
}

/** What a new run needs that retries a failed or cancelled one. */
export async function inputOf(
  context: EngineContext,
  runId: string,
): Promise<{ readonly input: unknown; readonly isParsed: boolean }> {
  const { state } = await folded(context, runId);
  const isParsed = state.created.unparsed !== true || state.startedAt !== undefined;
  return { input: decodePayload(state.input), isParsed };
}

/** A message, or a word about the work as a whole, for a run that went on as another one is one for that one. */
export async function onCurrent<T>(
  context: EngineContext,
  runId: string,
  act: (runId: string) => Promise<T>,
): Promise<T> {
  for (let id = runId; ; ) {
    try {
      return await act(id);
    } catch (error) {
      if (!isPawlError(error) || error.code !== 'RUN_TERMINAL') throw error;
      const next = await continuedTo(context, id);
      if (next === undefined) throw error;
      id = next;
    }
  }
}
