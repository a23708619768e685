/** Calls of child runs: another workflow, owned by this run. */
import { messageOf, pawlError } from '../errors/index.ts';
import { type AnyWorkflow, type Delivery, isWorkflow } from '../run/index.ts';
import { checkOptions, checkSchema, decodePayload, encodeValue, type Json } from '../std/index.ts';
import { type Failure, StepFailed } from '../step/index.ts';
import type { CtxPromise } from './ctx-promise.ts';
import { checkLabel } from './labels.ts';
import { placeCall, recordedFailure, type Site } from './site.ts';

/** How deep runs may be nested: the root is level 0. */
export const MAX_DEPTH = 8;

export interface ChildOptions {
  /** Default: the workflow's name. */
  readonly name?: string;
  readonly label?: string;
}

export interface ChildCall {
  readonly input: unknown;
  readonly options?: ChildOptions | undefined;
}

const KNOWN = ['name', 'label'];
const NOT_YET = ['id', 'version', 'budget', 'policy', 'autonomy', 'detached', 'deadline', 'retry', 'timeout'];

export function callChild<T>(site: Site, child: AnyWorkflow | string, call: ChildCall): CtxPromise<T> {
  if (typeof child !== 'string' && !isWorkflow(child))
    throw pawlError('NOT_A_WORKFLOW', { where: 'The first argument of ctx.workflow' });
  const workflow = typeof child === 'string' ? child : child.name;
  if (site.driver.facts.depth >= MAX_DEPTH) {
    throw new StepFailed({
      class: 'terminal',
      code: 'CHILD_TOO_DEEP',
      message: messageOf('CHILD_TOO_DEEP', { limit: MAX_DEPTH }),
    });
  }
  const { name = workflow, label } = checkChild(call.options, `workflow "${workflow}"`);
  const input = encodeValue(
    parsedInput(child, call.input),
    `the input of workflow "${workflow}"`,
    site.driver.payloadBytes,
  );
  return placeCall<T>(site, name, {
    kind: 'workflow',
    check: workflow,
    mustBeAwaited: true,
    command: (path, after) => ({
      type: 'StartChild',
      child: {
        path,
        workflow,
        version: typeof child === 'string' ? undefined : child.version,
        input,
        isParsed: typeof child !== 'string',
        after,
        label,
      },
    }),
    convert: (delivery) => childOutput(delivery),
  });
}

function checkChild(options: ChildOptions | undefined, where: string): ChildOptions {
  checkOptions(options, { where, known: KNOWN, notYet: NOT_YET });
  checkLabel(options?.label, where);
  return options ?? {};
}

function parsedInput(child: AnyWorkflow | string, input: unknown): unknown {
  if (typeof child === 'string' || !child.inputSchema) return input;
  const checked = checkSchema(child.inputSchema, input, `the input of workflow "${child.name}"`);
  if (!checked.ok)
    throw pawlError('INPUT_INVALID', { what: `workflow "${child.name}"`, issues: checked.issues });
  return checked.value;
}

function childOutput(delivery: Delivery): unknown {
  if (delivery.outcome === 'ok') return decodePayload(delivery.payload);
  const { childRunId } = delivery;
  if (childRunId === undefined) throw recordedFailure(delivery);
  if (delivery.outcome === 'cancelled') {
    const message = messageOf('CHILD_CANCELLED', { childRunId });
    throw new StepFailed({
      class: 'cancelled',
      code: 'CHILD_CANCELLED',
      message,
      path: delivery.path,
      data: { childRunId },
    });
  }
  const cause: Failure = recordedFailure(delivery).failure;
  const message = messageOf('CHILD_FAILED', { childRunId, problem: cause.message });
  const data: Json = { childRunId };
  throw new StepFailed({
    class: 'terminal',
    code: 'CHILD_FAILED',
    message,
    path: delivery.path,
    data,
    cause,
  });
}
