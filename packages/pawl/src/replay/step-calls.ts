/** Calls of steps: closures, shell, http and operations, with their options checked before anything is asked. */
import { pawlError } from '../errors/index.ts';
import {
  checkOptions,
  decodePayload,
  digestText,
  encodeValue,
  logWith,
  parseLimit,
  type RunLog,
} from '../std/index.ts';
import { parseRetry, type StepContext } from '../step/index.ts';
import { isName, type StepSpec } from '../run/index.ts';
import type { KindCallOptions, StepTools } from './context.ts';
import { checkLabel } from './labels.ts';
import type { CtxPromise } from './ctx-promise.ts';
import { placeCall, recordedFailure, type Site } from './site.ts';

export interface StepCall {
  readonly kind: string;
  readonly input: unknown;
  /** The function of a closure step. */
  readonly run?: (tools: StepTools) => unknown;
  readonly options?: KindCallOptions | undefined;
}

const KNOWN = [
  'label',
  'retry',
  'timeout',
  'deadline',
  'heartbeat',
  'input',
  'check',
  'repeatable',
  'atMostOnce',
  'reconcile',
];
/** Of calls that name a kind: a function in the code of the workflow cannot leave its process. */
const KIND_ONLY = ['queue', 'dispatch'];
const SHELL_ONLY = ['cwd', 'env', 'cleanEnv', 'stdin', 'allowExit'];
const NOT_YET = ['policy', 'budget', 'autonomy', 'context', 'contract', 'verify', 'finalize'];

export function callStep<T>(site: Site, name: string, call: StepCall): CtxPromise<T> {
  const where = `${call.kind} "${name}"`;
  if (call.options !== undefined) checkCall(call.options, call.kind, where);
  if (call.kind === 'step' && typeof call.run !== 'function')
    throw pawlError('OPTION_INVALID', { where, problem: 'the second argument must be a function' });
  const spec = specOf(site, call, where);
  return placeCall<T>(site, name, {
    kind: call.kind,
    check: spec.check,
    mustBeAwaited: true,
    command: (path, after) => ({ type: 'ScheduleStep', step: { ...spec, path, after } }),
    convert: (delivery) => {
      if (delivery.outcome === 'failed') throw recordedFailure(delivery);
      return decodePayload(delivery.payload);
    },
  });
}

function specOf(site: Site, call: StepCall, where: string): Omit<StepSpec, 'path' | 'after'> {
  const options = call.options ?? {};
  const { run } = call;
  const base = site.driver.workflow.retry;
  return {
    kind: call.kind,
    label: options.label,
    input: call.input,
    check:
      (options.check ?? site.driver.checksInput(call.kind))
        ? digestText(encodeValue(options.input ?? call.input, `the input of ${where}`))
        : undefined,
    run: run && ((context: StepContext) => run(new Tools(context))),
    retry: options.retry === undefined ? base : parseRetry(options.retry, `${where}.retry`, base),
    timeoutMs: options.timeout === undefined ? undefined : parseLimit(options.timeout, `${where}.timeout`),
    deadlineMs:
      options.deadline === undefined ? undefined : parseLimit(options.deadline, `${where}.deadline`),
    heartbeatMs:
      options.heartbeat === undefined ? undefined : parseLimit(options.heartbeat, `${where}.heartbeat`),
    isRepeatable: options.repeatable ?? false,
    isAtMostOnce: options.atMostOnce ?? false,
    reconcile: options.reconcile,
    queue: options.queue,
    isDispatched: options.dispatch,
  };
}

function checkCall(options: object, kind: string, where: string): void {
  checkOptions(options, {
    where,
    known: [...KNOWN, ...(kind === 'step' ? [] : KIND_ONLY), ...(kind === 'shell' ? SHELL_ONLY : [])],
    notYet: kind === 'step' ? [...NOT_YET, ...KIND_ONLY] : NOT_YET,
  });
  const { reconcile, atMostOnce, repeatable, label, queue } = options as KindCallOptions;
  for (const flag of ['atMostOnce', 'repeatable', 'check', 'dispatch'] as const) {
    const value: unknown = (options as KindCallOptions)[flag];
    if (value !== undefined && typeof value !== 'boolean')
      throw pawlError('OPTION_INVALID', { where: `${where}.${flag}`, problem: 'it must be true or false' });
  }
  if (reconcile !== undefined && typeof reconcile !== 'function')
    throw pawlError('OPTION_INVALID', { where: `${where}.reconcile`, problem: 'it must be a function' });
  if (queue !== undefined && !isName(queue))
    throw pawlError('NAME_INVALID', { name: String(queue), what: 'a queue' });
  checkLabel(label, where);
  if (reconcile && !atMostOnce)
    throw pawlError('OPTION_INVALID', { where, problem: 'reconcile belongs to atMostOnce steps' });
  if (repeatable && atMostOnce)
    throw pawlError('OPTION_INVALID', { where, problem: 'a step is either repeatable or atMostOnce' });
}

/** The tools of a closure; made when they are looked at, for most closures look at none. */
class Tools implements StepTools {
  readonly #context: StepContext;

  constructor(context: StepContext) {
    this.#context = context;
  }

  get attempt(): number {
    return this.#context.attempt;
  }

  get idempotencyKey(): string {
    return this.#context.idempotencyKey;
  }

  get signal(): AbortSignal {
    return this.#context.signal;
  }

  get report(): StepTools['report'] {
    return this.#context.report;
  }

  get progress(): StepTools['progress'] {
    return this.#context.progress;
  }

  get heartbeat(): StepTools['heartbeat'] {
    return this.#context.heartbeat;
  }

  get log(): RunLog {
    return logWith((level, message, fields) => this.#context.log(level, message, fields));
  }
}
