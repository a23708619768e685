/** Decides what a quiet run comes to: its end, a park, an expiry, or rest. */
import { isPawlError, messageOf } from '../errors/index.ts';
import type { EventData, NewEvent } from '../run/index.ts';
import { checkSchema, decodePayload, encodeValue, NO_VALUE, type Payload } from '../std/index.ts';
import { addUsage } from '../step/index.ts';
import type { NewRun } from '../store/index.ts';
import { POISON_STRIKES } from './defaults.ts';
import { failurePayload } from './failure-payload.ts';
import { deadlineOrder } from './driver-stops.ts';
import { closingEvents, endConclusion, type TerminalEvent } from './endings.ts';
import type { SessionCore } from './session-core.ts';
import { dueExpiries, earliest } from './waits.ts';

/** Puts at most one conclusion into the outbox. */
export function conclude(session: SessionCore): void {
  if (session.outbox.isInFlight) return; // its answer asks for another turn
  if (judgeDeadline(session)) return;
  if (session.stops.has('cancel') && session.driver.hasEnded) return session.cancelFlow.conclude();
  if (session.ending) return concludeEnd(session);
  const { parked } = session.driver;
  if (parked && !session.steps.isRunning) return session.park(parked.reason, parked.message);
  const held = session.steps.heldStep;
  if (held && !session.steps.isRunning) {
    if (session.stops.tellHeld(held.spec.path)) return session.scheduleTurn();
    const reason = held.parks ?? 'retries_exhausted';
    return session.park(reason, parkMessage(reason, held.spec.path), held.spec.path);
  }
  const nowMs = session.host.platform.clock.now();
  const expiries = [...dueExpiries(session.state, nowMs), ...session.steps.overdue(nowMs)];
  if (expiries.length > 0) session.outbox.conclude({ seenSeq: session.state.lastSeq, events: expiries });
  else if (session.stops.tellLimit()) session.scheduleTurn();
  else if (isIdle(session)) {
    if (session.children.isWaiting) session.host.onAwaitingChildren(session);
    else rest(session);
  }
}

function parkMessage(reason: 'unknown_effect' | 'retries_exhausted' | 'poisoned', path: string): string {
  if (reason === 'poisoned') return `${POISON_STRIKES} workers in a row died on "${path}"`;
  if (reason === 'unknown_effect')
    return messageOf('EFFECT_UNKNOWN', { path, problem: 'it started, and its outcome was not recorded' });
  return `"${path}" has used up its attempts`;
}

/** Whether a driver was told that its time is over: what it asks for then comes with the next turn, before anything is concluded. */
function judgeDeadline(session: SessionCore): boolean {
  const { state, stops } = session;
  const { deadlineAt } = state.created;
  if (session.ending || deadlineAt === undefined || deadlineAt > session.host.platform.clock.now())
    return false;
  if (stops.has('cancel') || stops.has('deadline')) return false;
  const order = deadlineOrder(state);
  if (stops.tell('deadline', order)) {
    session.scheduleTurn();
    return true;
  }
  session.ending = { type: 'Fail', failure: order.failure, failedSteps: [] };
  return false;
}

/** Nothing runs, nothing is on its way to the driver, and something outside is waited for. */
function isIdle(session: SessionCore): boolean {
  const { steps, outbox, driver, state } = session;
  if (session.lookUps.size > 0 || steps.isBusy || outbox.mayDeliver || driver.openCount === 0) return false;
  return !outbox.opensAnswered((name) => state.signals.has(name)); // judged now: it may have come since the call
}

function rest(session: SessionCore): void {
  const dueAt = restUntil(session);
  const data: EventData<'run.waiting'> = dueAt === null ? {} : { dueAt };
  const { lastSeq: seenSeq } = session.state;
  session.outbox.conclude({ seenSeq, events: [{ type: 'run.waiting', data }], dueAt, release: true });
}

/** Also what was opened a moment ago, and is in the outbox only, makes the run due. */
function restUntil(session: SessionCore): number | null {
  return earliest(session.nextDueAt, session.outbox.nextDueAt) ?? null;
}

// ---- the end

/** A run becomes terminal only after its owned children are. */
function concludeEnd(session: SessionCore): void {
  if (awaitsChildren(session, 'the parent has ended')) return;
  const { ending } = session;
  if (!ending) return;
  const reason = ending.type === 'Fail' ? 'the run failed' : 'the function returned';
  if (ending.type === 'ContinueAsNew') return continueAsNew(session, ending.input, reason);
  const event: TerminalEvent =
    ending.type === 'Complete'
      ? { type: 'run.completed', data: {}, payload: session.host.secrets.mask(ending.output) }
      : {
          type: 'run.failed',
          data: { failedSteps: [...ending.failedSteps] },
          payload: failurePayload(ending.failure, session.host),
        };
  finish(session, {
    event,
    closing: closingEvents(session, { reason, after: session.driver.deliveries }),
  });
}

export function finish(
  session: SessionCore,
  end: {
    readonly event: TerminalEvent;
    readonly closing: readonly NewEvent[];
    readonly creates?: readonly NewRun[];
  },
): void {
  const { run, state, outbox, host } = session;
  outbox.conclude(
    endConclusion(run, state, {
      ...end,
      nowMs: host.platform.clock.now(),
      usage: addUsage(state.usage, outbox.usage),
    }),
  );
}

/** Whether children are still open; they are told to cancel. */
export function awaitsChildren(session: SessionCore, reason: string): boolean {
  let isWaiting = session.outbox.startsChild;
  for (const child of session.state.children.values()) {
    if (child.status !== 'running') continue;
    isWaiting = true;
    session.children.cancel(child.path, reason);
  }
  if (isWaiting) session.host.onAwaitingChildren(session);
  return isWaiting;
}

function continueAsNew(session: SessionCore, input: string, reason: string): void {
  const { run, state, workflow, host } = session;
  const checked = parseInput(session, input);
  if (!checked.ok) {
    session.ending = {
      type: 'Fail',
      failedSteps: [],
      failure: {
        class: 'terminal',
        code: 'INPUT_INVALID',
        message: messageOf('INPUT_INVALID', { what: 'ctx.continueAsNew', issues: checked.issues }),
      },
    };
    return concludeEnd(session);
  }
  const runId = host.platform.newId();
  const {
    parentRunId,
    parentPath,
    labels = {},
    priority = 0,
    depth = 0,
    rootRunId = run.runId,
    tenant,
  } = state.created;
  const parent =
    parentRunId === undefined ? {} : { parentRunId, ...(parentPath === undefined ? {} : { parentPath }) };
  const deadline =
    workflow.deadlineMs === undefined ? {} : { deadlineAt: host.platform.clock.now() + workflow.deadlineMs };
  const data: EventData<'run.created'> = {
    workflow: workflow.name,
    version: workflow.version,
    digest: workflow.digest,
    trigger: { kind: 'continued', ref: run.runId },
    labels: { ...labels },
    priority,
    depth,
    rootRunId,
    ...parent,
    ...deadline,
    ...(tenant === undefined ? {} : { tenant }),
  };
  const newRun: NewRun = {
    tenant: run.tenant,
    runId,
    workflow: workflow.name,
    version: workflow.version,
    priority,
    labels,
    depth,
    rootRunId,
    ...parent,
    ...deadline,
    events: [{ type: 'run.created', data, payload: checked.payload }, ...carriedSignals(session)],
    holder: null,
  };
  const event: TerminalEvent = { type: 'run.completed', data: { continuedTo: runId }, payload: NO_VALUE };
  finish(session, {
    event,
    closing: closingEvents(session, { reason, after: session.driver.deliveries }),
    creates: [newRun],
  });
}

/** Signals that nobody consumed go with the run: first what reached a wait of the ended function, then what was buffered. */
function carriedSignals(session: SessionCore): NewEvent[] {
  const unseen = session.driver.unseenSignals.map(({ name, delivery }) =>
    carried(name, delivery.payload, delivery.by),
  );
  const buffered = [...session.state.signals].flatMap(([name, list]) =>
    list.map((signal) => ({ name, signal })),
  );
  buffered.sort((a, b) => a.signal.seq - b.signal.seq);
  return [...unseen, ...buffered.map(({ name, signal }) => carried(name, signal.payload, signal.actor))];
}

function carried(name: string, payload: Payload, actor: string | undefined): NewEvent {
  return { type: 'signal.received', data: { name }, payload, ...(actor === undefined ? {} : { actor }) };
}

/** The input of a run, parsed by the schema of its workflow. */
export function parseInput(
  session: Pick<SessionCore, 'workflow' | 'host'>,
  input: string,
): { readonly ok: true; readonly payload: string } | { readonly ok: false; readonly issues: string } {
  const schema = session.workflow.inputSchema;
  if (!schema) return { ok: true, payload: input };
  const what = `the input of workflow "${session.workflow.name}"`;
  try {
    const checked = checkSchema(schema, decodePayload(input), what);
    if (!checked.ok) return checked;
    return { ok: true, payload: encodeValue(checked.value, what, session.host.payloadBytes) };
  } catch (error) {
    if (!isPawlError(error)) throw error;
    return { ok: false, issues: error.message }; // an asynchronous schema, or one that makes what cannot be recorded
  }
}
