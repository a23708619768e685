/** Makes the `ctx` of a scope: thin methods over the calls, each refusing to be called inside a step. */
import { callChild } from './child-calls.ts';
import type { WorkflowContext } from './context.ts';
import { CtxPromise } from './ctx-promise.ts';
import { derivedNumber, derivedUuid } from './derive.ts';
import { callMap } from './map-call.ts';
import { callParallel, callRace } from './parallel-calls.ts';
import { logWith } from './run-log.ts';
import type { Scope } from './scope.ts';
import type { ContextHost } from './site.ts';
import { callStep } from './step-calls.ts';
import { callApproval, callInput, callSignal, callSleep } from './wait-calls.ts';

export function makeContext(driver: ContextHost, scope: Scope): WorkflowContext {
  const site: ContextSite = { driver, scope };
  const calls: Pick<WorkflowContext, CallName> = {
    step: (name, fn, options) =>
      guarded(site, { call: 'step', name }, () =>
        callStep(site, name, { kind: 'step', input: options?.input, run: fn, options }),
      ),
    shell: (name, command, options) =>
      guarded(site, { call: 'shell', name }, () =>
        callStep(site, name, { kind: 'shell', input: shellInput(command, options), options }),
      ),
    http: (name, request, options) =>
      guarded(site, { call: 'http', name }, () =>
        callStep(site, name, { kind: 'http', input: request, options }),
      ),
    operation: (name, kind, input, options) =>
      guarded(site, { call: 'operation', name }, () => callStep(site, name, { kind, input, options })),
    workflow: (child, input, options) =>
      guarded(site, { call: 'workflow', name: childName(child) }, () =>
        callChild(site, child as never, { input, ...options }),
      ),
    approval: (name, request) =>
      guarded(site, { call: 'approval', name }, () => callApproval(site, name, request)),
    input: (name, schema, options) =>
      guarded(site, { call: 'input', name }, () => callInput(site, name, { schema, ...options })),
    signal: (name, schema, options) =>
      guarded(site, { call: 'signal', name }, () => callSignal(site, name, { schema, ...options })),
    sleep: (name, until) => guarded(site, { call: 'sleep', name }, () => callSleep(site, name, until)),
    map: (name, items, fn, options) =>
      guarded(site, { call: 'map', name }, () =>
        callMap(site, name, { items, fn: fn as never, options: options as never }),
      ),
    parallel: ((name: string, branches: never, options?: never) =>
      guarded(site, { call: 'parallel', name }, () =>
        callParallel(site, name, { branches, options }),
      )) as never,
    race: ((name: string, branches: never) =>
      guarded(site, { call: 'race', name }, () => callRace(site, name, branches))) as never,
    continueAsNew: (input) =>
      guarded(site, { call: 'continueAsNew', name: '' }, () => driver.continueAsNew(input)),
  };
  const context = { ...calls, ...values(site), ...facts(driver) };
  Object.defineProperty(context, 'usage', { get: () => driver.usage, enumerable: true });
  return Object.freeze(context) as WorkflowContext;
}

interface CallLabel {
  readonly call: string;
  readonly name: string;
}

interface ContextSite {
  readonly driver: ContextHost;
  readonly scope: Scope;
}

type CallName =
  | 'step'
  | 'shell'
  | 'http'
  | 'operation'
  | 'workflow'
  | 'approval'
  | 'input'
  | 'signal'
  | 'sleep'
  | 'map'
  | 'parallel'
  | 'race'
  | 'continueAsNew';

/** Bad arguments reject the call instead of throwing: `Promise.all([ctx.step(…), …])` then sees every call. */
function guarded<T>(
  site: ContextSite,
  { call, name }: CallLabel,
  make: () => Promise<unknown>,
): CtxPromise<T> {
  try {
    site.driver.refuseNested(call, name);
    return make() as CtxPromise<T>;
  } catch (error) {
    const refused = new CtxPromise<T>((_resolve, reject) => reject(error)).preHandle();
    site.driver.watchRefused(site.scope, name, refused);
    return refused;
  }
}

function shellInput(command: string | readonly string[], options: object | undefined): unknown {
  const { cwd, env, cleanEnv, stdin, allowExit } = (options ?? {}) as Record<string, unknown>;
  const program = typeof command === 'string' ? { command } : { argv: command };
  return dropUndefined({ ...program, cwd, env, cleanEnv, stdin, allowExit });
}

function dropUndefined(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}

function childName(child: unknown): string {
  return typeof child === 'string' ? child : String((child as { name?: unknown } | undefined)?.name);
}

function values(
  site: ContextSite,
): Pick<WorkflowContext, 'now' | 'random' | 'uuid' | 'patched' | 'set' | 'log'> {
  const { driver, scope } = site;
  const seed = (what: string): string => {
    driver.refuseNested(what, '');
    return `${driver.facts.runId}\u0001${scope.nextPath(`:${what}`)}`;
  };
  return {
    now: () => new Date(driver.nowMs),
    random: () => derivedNumber(seed('random')),
    uuid: () => derivedUuid(seed('uuid')),
    patched: (id) => {
      driver.refuseNested('patched', id);
      return driver.patched(id);
    },
    set: (state) => {
      driver.refuseNested('set', '');
      driver.show(state);
    },
    log: logWith((level, message, fields) => driver.log(level, message, fields)),
  };
}

function facts(
  driver: ContextHost,
): Pick<
  WorkflowContext,
  'runId' | 'rootRunId' | 'workflowName' | 'workflowVersion' | 'labels' | 'trigger' | 'abortSignal'
> {
  const { runId, rootRunId, labels, trigger } = driver.facts;
  return {
    runId,
    rootRunId,
    labels,
    trigger,
    workflowName: driver.workflow.name,
    workflowVersion: driver.workflow.version,
    abortSignal: driver.abortSignal,
  };
}
