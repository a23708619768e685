/** Which steps become tasks for other workers, and what is written of them. */
import { messageOf } from '../errors/index.ts';
import type { NewEvent, StepSpec } from '../run/index.ts';
import { encodeValue, NO_VALUE, type Payload } from '../std/index.ts';
import { type AnyKind, type Failure, FailureError, failureOf } from '../step/index.ts';
import type { NewTask } from '../store/index.ts';
import type { Execution, PipelineHost } from './execution.ts';
import type { SessionHost } from './host.ts';
import { needOf } from './needs.ts';
import type { OpenStep } from './open-step.ts';
import { guard } from './pipeline/guard.ts';
import { numbered, startOf } from './step-start.ts';
import { orderOf } from './task-order.ts';

/** The queue of steps whose kind and code name none. */
const DEFAULT_QUEUE = 'general';

type Asked = Pick<StepSpec, 'queue' | 'isDispatched' | 'run'>;

function queueOf(spec: Asked, kind: AnyKind | undefined): string {
  return spec.queue ?? kind?.queue ?? DEFAULT_QUEUE;
}

/** A function in the code of the workflow cannot leave its process; everything else runs where its queue is served. */
export function isDispatched(
  spec: Asked,
  { kind, queues }: { readonly kind: AnyKind | undefined; readonly queues: ReadonlySet<string> | undefined },
): boolean {
  if (spec.run) return false;
  if (spec.isDispatched === true) return true;
  if (kind?.isInline === true && spec.queue === undefined) return false;
  return queues !== undefined && !queues.has(queueOf(spec, kind));
}

/** Whether an attempt that finds no slot here goes out, because another worker may have one. What holds a secret stays. */
export function mayGoOut({ spec, kind, needsReconcile }: OpenStep, host: SessionHost): boolean {
  if (spec.run || needsReconcile || kind.isInline === true) return false;
  return host.hasPeerFor(queueOf(spec, kind)) && !holdsSecret(encodedInput(spec, host), host);
}

/** A kind that only other workers have. */
export function distantKind(name: string): AnyKind {
  return { name, execute: () => Promise.reject(new Error(`the kind "${name}" is not here`)) };
}

export interface Dispatch {
  readonly event: NewEvent;
  readonly task: NewTask;
}

interface Dispatching {
  /** Whether the kind is here: else its worker judges the input, and nothing of it is shown before. */
  readonly isKnown: boolean;
  readonly priority: number;
}

/** Undefined where the attempt cannot go out: `execution.end` then says why. */
export function dispatchOf(
  step: OpenStep,
  execution: Execution,
  dispatching: Dispatching,
): Dispatch | undefined {
  guard(execution); // a distant kind judges nothing
  execution.startedAt = execution.endedAt = execution.host.platform.clock.now();
  if (execution.end) return undefined;
  try {
    return written(step, execution, dispatching);
  } catch (error) {
    execution.end = { ok: false, failure: failureOf(error, step.spec.path) };
    return undefined;
  }
}

/** @throws a failure where the input cannot be recorded, or holds a secret: what waits on the disk must not. */
function written(step: OpenStep, execution: Execution, { isKnown, priority }: Dispatching): Dispatch {
  const { spec, attempt, used } = step;
  const { host, deadlineAt } = execution;
  const { path, kind } = spec;
  const input = encodedInput(spec, host);
  if (holdsSecret(input, host)) throw new FailureError(secretFailure(path));
  const queue = queueOf(spec, step.kind);
  const needs = needOf(step.kind, spec.input);
  const order = orderOf({ spec, used, deadlineAt }, input);
  const { input: shown, ...data } = startOf(step, execution, !isKnown);
  const event: NewEvent = {
    type: 'step.scheduled',
    path,
    data: { ...numbered(attempt), ...data, kind, queue, ...(needs === kind ? {} : { needs }) },
    ...(shown === undefined ? {} : { payload: shown }),
  };
  return { event, task: { path, attempt, kind: needs, queue, priority, order } };
}

function encodedInput({ input, path }: StepSpec, host: PipelineHost): Payload {
  return input === undefined ? NO_VALUE : encodeValue(input, `the input of "${path}"`, host.payloadBytes);
}

function holdsSecret(input: Payload, { secrets }: PipelineHost): boolean {
  return secrets.mask(input) !== input;
}

function secretFailure(path: string): Failure {
  const message = messageOf('TASK_HOLDS_SECRET', { path });
  return { class: 'terminal', code: 'TASK_HOLDS_SECRET', message, path };
}
