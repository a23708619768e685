/** Calls that wait for the outside: sleep, signal, input, approval. */
import { messageOf, pawlError } from '../errors/index.ts';
import { type Delivery, requireName, type WaitSpec } from '../run/index.ts';
import {
  checkOptions,
  checkSchema,
  checkText,
  decodePayload,
  encodeValue,
  jsonSchemaOf,
  parseDuration,
  requireSchema,
  type Schema,
} from '../std/index.ts';
import { StepFailed } from '../step/index.ts';
import type { ApprovalDecision, ApprovalRequest, InputOptions, SignalOptions } from './context.ts';
import type { CtxPromise } from './ctx-promise.ts';
import { checkLabel } from './labels.ts';
import { placeCall, type Site } from './site.ts';

const SIGNAL_OPTIONS = ['timeout', 'label'];
const INPUT_OPTIONS = ['message', 'deadline', 'label'];

/** What a call asks for, and in which form. */
interface Asked<T, Options> {
  readonly schema?: Schema<T> | undefined;
  readonly options?: Options | undefined;
}

type NamedOpening = Omit<WaitSpec, 'path' | 'after'>;

function placeWait<T>(
  site: Site,
  wait: NamedOpening,
  convert: (delivery: Delivery) => unknown,
): CtxPromise<T> {
  return placeCall<T>(site, wait.name, {
    kind: wait.kind,
    mustBeAwaited: false,
    mayOverlap: wait.kind === 'sleep',
    command: (path, after) => ({ type: 'OpenWait', wait: { ...wait, path, after } }),
    convert,
  });
}

export function callSleep(site: Site, name: string, until: string | number | Date): CtxPromise<void> {
  const where = `sleep "${name}"`;
  if (until instanceof Date && Number.isNaN(until.getTime()))
    throw pawlError('OPTION_INVALID', { where, problem: 'the date is not valid' });
  const due = until instanceof Date ? { dueAt: until.getTime() } : { dueInMs: parseDuration(until, where) };
  return placeWait<void>(site, { name, kind: 'sleep', ...due }, () => undefined);
}

/** While a signal of this name is open in the scope, the same promise: a loop that races it must not open a second wait. */
export function callSignal<T>(
  site: Site,
  name: string,
  { schema, options: given = {} }: Asked<T, SignalOptions>,
): CtxPromise<T | undefined> {
  requireName(name, 'ctx.signal');
  requireSchema(schema, `the schema of signal "${name}"`);
  checkOptions(given, { where: `signal "${name}"`, known: SIGNAL_OPTIONS });
  const open = site.scope.signals.get(name);
  if (open) return open as CtxPromise<T | undefined>;
  const { timeout, label } = given;
  checkLabel(label, `signal "${name}"`);
  const dueInMs = timeout === undefined ? undefined : parseDuration(timeout, `signal "${name}".timeout`);
  const opening: NamedOpening = { name, kind: 'signal', label, dueInMs, schema: jsonSchemaOf(schema) };
  const promise = placeWait<T | undefined>(site, opening, (delivery) =>
    delivery.outcome === 'expired' ? undefined : received(schema, delivery),
  );
  site.scope.signals.set(name, promise);
  return promise;
}

export function callInput<T>(
  site: Site,
  name: string,
  { schema, options: given = {} }: Asked<T, InputOptions>,
): CtxPromise<T> {
  const { message, deadline, label } = given;
  requireSchema(schema, `the schema of input "${name}"`);
  checkOptions(given, { where: `input "${name}"`, known: INPUT_OPTIONS });
  checkText(message, `input "${name}".message`, MAX_SHOWN);
  checkLabel(label, `input "${name}"`);
  const dueInMs = deadline === undefined ? undefined : parseDuration(deadline, `input "${name}".deadline`);
  const opening: NamedOpening = {
    name,
    kind: 'input',
    label,
    message,
    dueInMs,
    schema: jsonSchemaOf(schema),
  };
  return placeWait<T>(site, opening, (delivery) => {
    if (delivery.outcome === 'expired') throw expired('INPUT_EXPIRED', delivery.path, 'timeout');
    return received(schema, delivery);
  });
}

/** The value of a delivery, checked: a message that was buffered has met no schema before. */
function received<T>(schema: Schema<T> | undefined, delivery: Delivery): T {
  const value = decodePayload(delivery.payload);
  if (!schema) return value as T;
  const checked = checkSchema(schema, value, `"${delivery.path}"`);
  if (checked.ok) return checked.value;
  const message = messageOf('RECEIVED_INVALID', { path: delivery.path, issues: checked.issues });
  throw new StepFailed({ class: 'terminal', code: 'RECEIVED_INVALID', message, path: delivery.path });
}

const APPROVAL_OPTIONS = ['message', 'args', 'approvers', 'deadline', 'onTimeout', 'onRejected', 'label'];
const APPROVAL_NOT_YET = ['quorum', 'role', 'roles', 'escalate', 'policy', 'budget'];

export function callApproval(
  site: Site,
  name: string,
  request: ApprovalRequest,
): CtxPromise<ApprovalDecision> {
  checkApproval(name, request);
  const { message, args, approvers, deadline, onTimeout, label } = request;
  const opening: NamedOpening = {
    name,
    kind: 'approval',
    label,
    message,
    approvers,
    onTimeout,
    dueInMs: deadline === undefined ? undefined : parseDuration(deadline, `approval "${name}".deadline`),
    payload:
      args === undefined
        ? undefined
        : encodeValue(args, `the args of approval "${name}"`, site.driver.payloadBytes),
  };
  return placeWait<ApprovalDecision>(site, opening, (delivery) =>
    decided(delivery, request.onRejected === 'return'),
  );
}

const MAX_SHOWN = 16_384;

function checkApproval(name: string, request: ApprovalRequest): void {
  const where = `approval "${name}"`;
  if (typeof request !== 'object' || request === null || typeof request.message !== 'string') {
    throw pawlError('OPTION_INVALID', { where, problem: 'pass { message } with what is to be decided' });
  }
  checkOptions(request, { where, known: APPROVAL_OPTIONS, notYet: APPROVAL_NOT_YET });
  checkText(request.message, `${where}.message`, MAX_SHOWN);
  checkLabel(request.label, where);
  const { approvers, onTimeout } = request;
  if (
    approvers !== undefined &&
    !(Array.isArray(approvers) && approvers.every((name) => typeof name === 'string'))
  ) {
    throw pawlError('OPTION_INVALID', { where: `${where}.approvers`, problem: 'it must be a list of names' });
  }
  if (onTimeout !== undefined && !['expire', 'approve', 'reject'].includes(onTimeout)) {
    throw pawlError('OPTION_INVALID', {
      where: `${where}.onTimeout`,
      problem: 'it must be "expire", "approve" or "reject"',
    });
  }
  if (request.approvers !== undefined && request.approvers.length === 0) {
    throw pawlError('OPTION_INVALID', {
      where: `${where}.approvers`,
      problem: 'an empty list could never be decided',
    });
  }
}

function decided(delivery: Delivery, isReturned: boolean): ApprovalDecision {
  const decision = delivery.outcome as ApprovalDecision['decision'];
  if (decision === 'approved' || isReturned) {
    return {
      decision,
      at: new Date(delivery.endedAt).toISOString(),
      ...(delivery.by === undefined ? {} : { by: delivery.by }),
      ...(delivery.comment === undefined ? {} : { comment: delivery.comment }),
    };
  }
  if (decision === 'expired') throw expired('APPROVAL_EXPIRED', delivery.path, 'denied');
  const comment = delivery.comment === undefined ? '' : `: ${delivery.comment}`;
  const message = messageOf('APPROVAL_REJECTED', {
    path: delivery.path,
    by: delivery.by ?? 'its deadline',
    comment,
  });
  throw new StepFailed({ class: 'denied', code: 'APPROVAL_REJECTED', message, path: delivery.path });
}

function expired(
  code: 'INPUT_EXPIRED' | 'APPROVAL_EXPIRED',
  path: string,
  failureClass: 'timeout' | 'denied',
): StepFailed {
  return new StepFailed({ class: failureClass, code, message: messageOf(code, { path }), path });
}
