/** Makes the `ctx` of a scope: thin methods over the calls, each refusing to be called inside a step. */
import { callChild } from './child-calls.ts';
import type { WorkflowContext } from './context.ts';
import { CtxPromise } from './ctx-promise.ts';
import { derivedNumber, derivedUuid } from './derive.ts';
import { callMap } from './map-call.ts';
import { callParallel, callRace } from './parallel-calls.ts';
import { logWith } from '../std/index.ts';
import type { Scope } from './scope.ts';
import type { ContextHost } from './site.ts';
import { callStep } from './step-calls.ts';
import { callApproval, callInput, callSignal, callSleep } from './wait-calls.ts';

export function makeContext(driver: ContextHost, scope: Scope): WorkflowContext {
  return new RunContext(driver, scope);
}

/**
 * A call is made when it is looked at: a function uses two or three of them, and each works without its object
 * (`const { step } = ctx`).
 */
class RunContext implements WorkflowContext {
  readonly #driver: ContextHost;
  readonly #site: ContextSite;

  constructor(driver: ContextHost, scope: Scope) {
    this.#driver = driver;
    this.#site = { driver, scope };
    Object.freeze(this);
  }

  get step(): WorkflowContext['step'] {
    const site = this.#site;
    return (name, fn, options) =>
      guarded(site, { call: 'step', name }, () =>
        callStep(site, name, { kind: 'step', input: options?.input, run: fn, options }),
      );
  }

  get shell(): WorkflowContext['shell'] {
    const site = this.#site;
    return (name, command, options) =>
      guarded(site, { call: 'shell', name }, () =>
        callStep(site, name, { kind: 'shell', input: shellInput(command, options), options }),
      );
  }

  get http(): WorkflowContext['http'] {
    const site = this.#site;
    return (name, request, options) =>
      guarded(site, { call: 'http', name }, () =>
        callStep(site, name, { kind: 'http', input: request, options }),
      );
  }

  get operation(): WorkflowContext['operation'] {
    const site = this.#site;
    return (name, kind, input, options) =>
      guarded(site, { call: 'operation', name }, () => callStep(site, name, { kind, input, options }));
  }

  get workflow(): WorkflowContext['workflow'] {
    const site = this.#site;
    return (child, input, options) =>
      guarded(site, { call: 'workflow', name: childName(child) }, () =>
        callChild(site, child as never, { input, options }),
      );
  }

  get approval(): WorkflowContext['approval'] {
    const site = this.#site;
    return (name, request) =>
      guarded(site, { call: 'approval', name }, () => callApproval(site, name, request));
  }

  get input(): WorkflowContext['input'] {
    const site = this.#site;
    return (name, schema, options) =>
      guarded(site, { call: 'input', name }, () => callInput(site, name, { schema, options }));
  }

  get signal(): WorkflowContext['signal'] {
    const site = this.#site;
    return (name, schema, options) =>
      guarded(site, { call: 'signal', name }, () => callSignal(site, name, { schema, options }));
  }

  get sleep(): WorkflowContext['sleep'] {
    const site = this.#site;
    return (name, until) => guarded(site, { call: 'sleep', name }, () => callSleep(site, name, until));
  }

  get map(): WorkflowContext['map'] {
    const site = this.#site;
    return (name, items, fn, options) =>
      guarded(site, { call: 'map', name }, () =>
        callMap(site, name, { items, fn: fn as never, options: options as never }),
      );
  }

  get parallel(): WorkflowContext['parallel'] {
    const site = this.#site;
    return ((name: string, branches: never, options?: never) =>
      guarded(site, { call: 'parallel', name }, () =>
        callParallel(site, name, { branches, options }),
      )) as never;
  }

  get race(): WorkflowContext['race'] {
    const site = this.#site;
    return ((name: string, branches: never) =>
      guarded(site, { call: 'race', name }, () => callRace(site, name, branches))) as never;
  }

  get continueAsNew(): WorkflowContext['continueAsNew'] {
    const site = this.#site;
    return (input) =>
      guarded(site, { call: 'continueAsNew', name: '' }, () => site.driver.continueAsNew(input));
  }

  // ---- what is known or derived, without a step

  get now(): WorkflowContext['now'] {
    const driver = this.#driver;
    return () => new Date(driver.nowMs);
  }

  get random(): WorkflowContext['random'] {
    const site = this.#site;
    return () => derivedNumber(seedOf(site, 'random'));
  }

  get uuid(): WorkflowContext['uuid'] {
    const site = this.#site;
    return () => derivedUuid(seedOf(site, 'uuid'));
  }

  get patched(): WorkflowContext['patched'] {
    const driver = this.#driver;
    return (id) => {
      driver.refuseNested('patched', id);
      return driver.patched(id);
    };
  }

  get set(): WorkflowContext['set'] {
    const driver = this.#driver;
    return (state) => {
      driver.refuseNested('set', '');
      driver.show(state);
    };
  }

  get log(): WorkflowContext['log'] {
    const driver = this.#driver;
    return logWith((level, message, fields) => driver.log(level, message, fields));
  }

  get usage(): WorkflowContext['usage'] {
    return this.#driver.usage;
  }

  get runId(): string {
    return this.#driver.facts.runId;
  }

  get rootRunId(): string {
    return this.#driver.facts.rootRunId;
  }

  get labels(): WorkflowContext['labels'] {
    return this.#driver.facts.labels;
  }

  get trigger(): WorkflowContext['trigger'] {
    return this.#driver.facts.trigger;
  }

  get workflowName(): string {
    return this.#driver.workflow.name;
  }

  get workflowVersion(): string {
    return this.#driver.facts.version;
  }

  get abortSignal(): AbortSignal {
    return this.#driver.abortSignal;
  }
}

function seedOf({ driver, scope }: ContextSite, what: string): string {
  driver.refuseNested(what, '');
  return `${driver.facts.runId}\u0001${scope.nextPath(`:${what}`)}`;
}

interface CallLabel {
  readonly call: string;
  readonly name: string;
}

interface ContextSite {
  readonly driver: ContextHost;
  readonly scope: Scope;
}

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
