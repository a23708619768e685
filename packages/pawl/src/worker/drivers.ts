/** Which driver a run has: the one room that knows both. */
import { GraphDriver } from '../decide/index.ts';
import { type GraphWorkflow, isGraphWorkflow } from '../graph/index.ts';
import { type FunctionWorkflow, ReplayDriver } from '../replay/index.ts';
import type { AnyWorkflow, Command, RunDriver, RunState } from '../run/index.ts';
import type { Json } from '../std/index.ts';
import type { DeliveryQueue } from './delivery-queue.ts';
import type { SurveyedLog } from './log-reader.ts';
import type { SessionCore } from './session-core.ts';

export interface DriverOptions {
  readonly input: string;
  readonly surveyed: SurveyedLog;
  /** Something new is there to be taken. */
  readonly onActivity: () => void;
}

export function makeDriver(session: SessionCore, options: DriverOptions): RunDriver {
  const { workflow } = session;
  return isGraphWorkflow(workflow)
    ? graphDriver(session, workflow, options)
    : replayDriver(session, workflow as FunctionWorkflow, options);
}

/** Gives the driver what has come, in order. True where it took one and goes on by itself: the rest waits until it is quiet. */
export function handOver(deliveries: DeliveryQueue, driver: RunDriver): boolean {
  for (let next = deliveries.next(); next; next = deliveries.next()) {
    driver.deliver(next);
    if (!driver.isSynchronous) return true;
  }
  return false;
}

/** Obeys what the driver asks for; one that gives out a few at a time is asked until there are no more. */
export function obeyCommands(driver: RunDriver, obey: (command: Command) => void): void {
  for (;;) {
    const commands = driver.takeCommands();
    for (const command of commands) obey(command);
    if (commands.length === 0 || !driver.isSynchronous) return;
  }
}

/** Whether something is to be done when a run is cancelled: then only who serves it can end it. */
export function hasCleanUp(workflow: AnyWorkflow): boolean {
  if (isGraphWorkflow(workflow))
    return workflow.graph.finalizers.some(({ finalize }) => finalize === 'always');
  return workflow.onCancel !== undefined;
}

function graphDriver(
  session: SessionCore,
  { graph }: GraphWorkflow,
  { input, surveyed, onActivity }: DriverOptions,
): RunDriver {
  return new GraphDriver({
    graph,
    input,
    facts: factsOf(session.state),
    recorded: new Map([...surveyed.openings].map(([path, { kind }]) => [path, kind])),
    markers: surveyed.survey.markers,
    maxSteps: surveyed.maxSteps,
    payloadBytes: session.host.payloadBytes,
    onActivity,
  });
}

/** What expressions find as `run`. */
function factsOf({ runId, created }: RunState): { readonly [key: string]: Json } {
  return {
    id: runId,
    rootId: created.rootRunId ?? runId,
    parentId: created.parentRunId ?? null,
    workflow: created.workflow,
    version: created.version,
    labels: created.labels ?? {},
    trigger: created.trigger.kind,
    createdAt: new Date(created.at).toISOString(),
  };
}

function replayDriver(
  session: SessionCore,
  workflow: FunctionWorkflow,
  { input, surveyed, onActivity }: DriverOptions,
): RunDriver {
  const { host, run } = session;
  const { platform, workerId, secrets } = host;
  const { created, runId } = session.state;
  const driver = new ReplayDriver({
    workflow,
    input,
    survey: surveyed.survey,
    facts: {
      runId,
      rootRunId: created.rootRunId ?? runId,
      version: created.version,
      labels: created.labels ?? {},
      trigger: created.trigger,
      createdAt: created.at,
      depth: created.depth ?? 0,
    },
    payloadBytes: host.payloadBytes,
    checkedKinds: host.checkedKinds,
    logger: secrets.masking(platform.logger),
    onActivity,
    onUnhandled: (reason) => {
      const fields = { runId, tenant: run.tenant, workerId, error: secrets.mask(String(reason)) };
      platform.logger.log('error', 'a promise of this run was rejected and nobody handled it', fields);
    },
  });
  for (const record of surveyed.late) driver.expect(record);
  return driver;
}
