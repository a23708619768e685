/** `engine.tasks`: attempts of steps for workers outside, checked at the door. */
import { pawlError } from '../errors/index.ts';
import { checkOptions, checkText, parseDuration } from '../std/index.ts';
import { type Failure, NO_USAGE, usageOf } from '../step/index.ts';
import type { OutsideDesk, OutsideTask } from '../worker/index.ts';
import type { OutsideFailure, OutsideTasks, TaskOffer } from './outside-api.ts';

/** Longest wait of one call: shorter than the silence after which an attempt is lost. */
const MAX_WAIT_MS = 20_000;
/** Longest name of a worker, of a queue, and of what a worker has. */
const MAX_NAME = 300;
const MAX_NAMES = 1_000;
const MAX_MESSAGE = 16_384;

export function outsideTasks(desk: OutsideDesk): OutsideTasks {
  return {
    claim: async (options) => {
      const where = 'tasks.claim';
      checkOptions(options ?? null, { where, known: ['worker', 'queues', 'kinds', 'wait', 'signal'] });
      const { worker, queues, kinds, wait, signal } = options;
      if (typeof worker !== 'string' || worker === '')
        throw pawlError('OPTION_INVALID', { where: `${where}.worker`, problem: 'it needs a name' });
      checkText(worker, `${where}.worker`, MAX_NAME);
      if (kinds === undefined)
        throw pawlError('OPTION_INVALID', {
          where: `${where}.kinds`,
          problem: 'say what the worker has: kinds, or functions as "function:NAME"',
        });
      checkNames(kinds, `${where}.kinds`);
      if (queues !== undefined) checkNames(queues, `${where}.queues`);
      const waitMs = waitOf(wait, `${where}.wait`);
      const task = await desk.claim({ worker, queues, kinds, waitMs, signal });
      return task && offerOf(task);
    },
    heartbeat: async (token, options = {}) => {
      checkOptions(options, { where: 'tasks.heartbeat', known: ['wait', 'signal'] });
      const isYours = await desk.heartbeat(
        token,
        waitOf(options.wait, 'tasks.heartbeat.wait'),
        options.signal,
      );
      return { isCancelled: !isYours };
    },
    complete: async (token, output, options = {}) => {
      checkOptions(options, { where: 'tasks.complete', known: ['outcome', 'usage'] });
      const { outcome = 'ok', usage } = options;
      if (typeof outcome !== 'string')
        throw pawlError('OPTION_INVALID', { where: 'tasks.complete.outcome', problem: 'it is a label' });
      await desk.end(token, { ok: true, outcome, output }, usage === undefined ? NO_USAGE : usageOf(usage));
    },
    fail: async (token, failure, options = {}) => {
      checkOptions(options, { where: 'tasks.fail', known: ['usage'] });
      const { usage } = options;
      const end = { ok: false, failure: failureFrom(failure) } as const;
      await desk.end(token, end, usage === undefined ? NO_USAGE : usageOf(usage));
    },
  };
}

function checkNames(names: unknown, where: string): void {
  if (!Array.isArray(names) || names.length === 0 || names.length > MAX_NAMES)
    throw pawlError('OPTION_INVALID', { where, problem: `it is a list of 1 to ${MAX_NAMES} names` });
  for (const name of names as readonly unknown[]) {
    if (typeof name !== 'string' || name === '')
      throw pawlError('OPTION_INVALID', { where, problem: 'every name is a text' });
    checkText(name, where, MAX_NAME);
  }
}

function waitOf(wait: unknown, where: string): number {
  if (wait === undefined) return 0;
  const waitMs = parseDuration(wait as string | number, where);
  if (waitMs <= MAX_WAIT_MS) return waitMs;
  throw pawlError('OPTION_INVALID', { where, problem: `it is at most ${MAX_WAIT_MS / 1_000} s` });
}

/** What a worker can say; that an attempt was lost or cancelled is said of it. */
const CLASSES: readonly Failure['class'][] = [
  'retryable',
  'terminal',
  'timeout',
  'denied',
  'budget',
  'rate_limited',
];
const FAILURE_FIELDS = ['message', 'class', 'code', 'name', 'data', 'retryAfterMs'];

/** What a worker says of a failure, as it is recorded: an ordinary one is tried again. */
function failureFrom(given: OutsideFailure): Failure {
  const where = 'tasks.fail.failure';
  checkOptions(given ?? null, { where, known: FAILURE_FIELDS });
  const { message, class: failureClass = 'retryable', code = 'STEP_THREW', name, data, retryAfterMs } = given;
  for (const [field, text] of Object.entries({ message, code, name })) {
    if (field === 'message' && typeof text !== 'string')
      throw pawlError('OPTION_INVALID', { where: `${where}.message`, problem: 'it needs a text' });
    checkText(text, `${where}.${field}`, MAX_MESSAGE);
  }
  if (!CLASSES.includes(failureClass))
    throw pawlError('OPTION_INVALID', {
      where: `${where}.class`,
      problem: `it is one of ${CLASSES.join(', ')}`,
    });
  if (retryAfterMs !== undefined && !(Number.isFinite(retryAfterMs) && retryAfterMs >= 0))
    throw pawlError('OPTION_INVALID', {
      where: `${where}.retryAfterMs`,
      problem: 'it is a number of milliseconds',
    });
  return {
    class: failureClass,
    code,
    message,
    ...(name === undefined ? {} : { name }),
    ...(data === undefined ? {} : { data }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function offerOf({ kind: need, deadlineAt, ...task }: OutsideTask): TaskOffer {
  const at = need.indexOf(':');
  return {
    ...task,
    kind: at === -1 ? need : need.slice(0, at),
    ...(at === -1 ? {} : { target: need.slice(at + 1) }),
    ...(deadlineAt === undefined ? {} : { deadlineAt: new Date(deadlineAt).toISOString() }),
  };
}
