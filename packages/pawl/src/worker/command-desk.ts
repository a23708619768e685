/** Does what a driver asks for, short of ending the run. */
import { messageOf } from '../errors/index.ts';
import {
  type ChildSpec,
  CHILD_KIND,
  type Command,
  type EventData,
  isOpenStep,
  type NewEvent,
  type StepPath,
  type WaitSpec,
} from '../run/index.ts';
import { MAX_DEPTH } from '../replay/index.ts';
import { payloadOf } from '../std/index.ts';
import type { Failure } from '../step/index.ts';
import type { NewRun } from '../store/index.ts';
import type { Ending, SessionCore } from './session-core.ts';
import { openingEvent } from './waits.ts';

type Order = Exclude<Command, Ending>;

/** Outbox entries that must be durable before an effect fires: a repeatable one may run ahead of repeatable outcomes. */
export interface Barriers {
  readonly any: number;
  readonly firm: number;
}

export function obey(session: SessionCore, command: Order, barriers: Barriers): void {
  switch (command.type) {
    case 'ScheduleStep':
      return session.steps.schedule(command.step, command.step.isRepeatable ? barriers.firm : barriers.any);
    case 'OpenWait':
      return openWait(session, command.wait);
    case 'StartChild':
      return startChild(session, command.child);
    case 'RecordMarker':
      return addFact(session, { type: 'marker.recorded', path: command.path, data: command.marker });
    case 'PatchState':
      return addFact(session, {
        type: 'state.patched',
        data: { index: command.index },
        payload: session.host.secrets.mask(command.payload),
      });
    case 'CancelCalls':
      for (const path of command.paths) cancelCall(session, path, command);
  }
}

function addFact(session: SessionCore, event: NewEvent): void {
  session.outbox.add(event);
}

function openWait(session: SessionCore, wait: WaitSpec): void {
  if (session.state.waits.has(wait.path) || session.opened.has(wait.path)) return;
  session.opened.add(wait.path);
  const event = openingEvent(wait, session.host.platform.clock.now());
  session.outbox.add(event);
}

function cancelCall(
  session: SessionCore,
  path: StepPath,
  command: Extract<Order, { type: 'CancelCalls' }>,
): void {
  const { state, steps, outbox } = session;
  const opening = session.opened.has(path) ? outbox.openingOf(path) : undefined;
  const child = state.children.get(path);
  if (child || opening === 'child.started') {
    if (!child || child.status === 'running') session.children.cancel(path, command.reason);
    return;
  }
  if (session.lookUps.delete(path)) return session.driver.drop(path);
  if (outbox.endsCall(path)) return; // its end is on its way: an attempt and a wait have one
  if (state.waits.has(path) || opening !== undefined) {
    outbox.add(
      { type: 'wait.cancelled', path, data: { reason: command.reason, after: command.after } },
      { mayDeliver: true },
    );
    return;
  }
  if (session.opened.has(path) && !steps.has(path)) return; // the log holds its end, which is on its way to the driver
  const known = state.steps.get(path);
  const event =
    steps.has(path) || (known && isOpenStep(known)) ? steps.cancel(path, command.reason) : undefined;
  if (event) outbox.add(event, { mayDeliver: true });
  else session.driver.drop(path);
}

// ---- children

function startChild(session: SessionCore, child: ChildSpec): void {
  if (session.state.children.has(child.path) || session.opened.has(child.path)) return;
  session.opened.add(child.path);
  const { host } = session;
  if ((session.state.created.depth ?? 0) >= MAX_DEPTH)
    return refuseChild(session, child, { code: 'CHILD_TOO_DEEP', params: { limit: MAX_DEPTH } });
  const workflow =
    child.version === undefined
      ? host.latestWorkflow(child.workflow)
      : host.workflowFor(child.workflow, child.version);
  if (workflow) {
    const { name, version, digest, labels, deadlineMs } = workflow;
    return addChild(session, child, { name, version, digest, labels, deadlineMs, isServed: true });
  }
  session.lookUps.add(child.path);
  void findChild(session, child);
}

interface ChildDefinition {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly deadlineMs: number | undefined;
  readonly isServed: boolean;
}

/** A workflow that another worker serves: its registered definition is enough to start it. */
async function findChild(session: SessionCore, child: ChildSpec): Promise<void> {
  const { host } = session;
  try {
    const row = await host.store.getWorkflow(child.workflow, child.version);
    if (!session.lookUps.delete(child.path)) return; // nobody wants it any more
    if (row) addChild(session, child, { ...row, labels: {}, deadlineMs: undefined, isServed: false });
    else
      refuseChild(session, child, {
        code: 'WORKFLOW_UNKNOWN',
        params: { name: child.workflow, hint: '' },
      });
  } catch (error) {
    host.platform.logger.log('error', 'a child workflow could not be looked up', {
      runId: session.run.runId,
      path: child.path,
      error: String(error),
    });
    host.platform.setTimer(500, () => void findChild(session, child));
    return;
  }
  session.flush();
}

interface Refusal {
  readonly code: 'WORKFLOW_UNKNOWN' | 'CHILD_TOO_DEEP';
  readonly params: Readonly<Record<string, string | number>>;
}

function refuseChild(session: SessionCore, child: ChildSpec, { code, params }: Refusal): void {
  const message = messageOf(code, params);
  const failure: Failure = { class: 'terminal', code, message, path: child.path };
  const at = session.host.platform.clock.now();
  const start = { at, kind: CHILD_KIND, after: child.after, check: child.workflow };
  session.outbox.add(
    {
      type: 'step.failed',
      path: child.path,
      data: { start, endedAt: at, durationMs: 0 },
      payload: payloadOf(failure as never),
    },
    { mayDeliver: true },
  );
}

function addChild(session: SessionCore, child: ChildSpec, definition: ChildDefinition): void {
  const { host, run, state } = session;
  const runId = host.platform.newId();
  const owned = definition.isServed && host.promisePlace({ tenant: run.tenant, runId });
  const creation = createdEvent(session, child, definition);
  const newRun: NewRun = {
    tenant: run.tenant,
    runId,
    workflow: definition.name,
    version: definition.version,
    priority: state.created.priority ?? 0,
    labels: definition.labels,
    rootRunId: state.created.rootRunId ?? run.runId,
    parentRunId: run.runId,
    parentPath: child.path,
    depth: (state.created.depth ?? 0) + 1,
    events:
      owned && child.isParsed
        ? [creation, { type: 'run.started', data: { workerId: host.workerId } }]
        : [creation],
    holder: owned ? host.workerId : null,
    ...(definition.deadlineMs === undefined
      ? {}
      : { deadlineAt: host.platform.clock.now() + definition.deadlineMs }),
  };
  const data: EventData<'child.started'> = {
    childRunId: runId,
    workflow: definition.name,
    version: definition.version,
    after: child.after,
    ...(child.label === undefined ? {} : { label: child.label }),
  };
  session.outbox.add({ type: 'child.started', path: child.path, data }, { creates: newRun });
}

function createdEvent(session: SessionCore, child: ChildSpec, definition: ChildDefinition): NewEvent {
  const { run, state, host } = session;
  const data: EventData<'run.created'> = {
    workflow: definition.name,
    version: definition.version,
    digest: definition.digest,
    trigger: { kind: 'child', ref: run.runId },
    parentRunId: run.runId,
    parentPath: child.path,
    rootRunId: state.created.rootRunId ?? run.runId,
    depth: (state.created.depth ?? 0) + 1,
    ...(Object.keys(definition.labels).length === 0 ? {} : { labels: { ...definition.labels } }),
    ...(state.created.priority === undefined ? {} : { priority: state.created.priority }),
    ...(definition.deadlineMs === undefined
      ? {}
      : { deadlineAt: host.platform.clock.now() + definition.deadlineMs }),
    ...(child.isParsed ? {} : { unparsed: true }),
  };
  return { type: 'run.created', data, payload: child.input };
}
