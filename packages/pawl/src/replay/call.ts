/** A call: something that the function asked for and that has not been delivered. */
import type { Command, Delivery, RecordedCall, StepPath } from '../run/index.ts';
import type { CtxPromise } from './ctx-promise.ts';
import type { Scope } from './scope.ts';

export interface Call {
  readonly path: StepPath;
  readonly kind: string;
  /** Compared with the log: digest of a checked input, name of a child's workflow. */
  readonly check: string | undefined;
  readonly scope: Scope;
  readonly promise: CtxPromise<unknown>;
  /** What is asked of the worker when the call has no record. */
  readonly command: Command;
  /** Whether forgetting to await it is an error (steps and children, not waits). */
  readonly mustBeAwaited: boolean;
  /** Settles the promise from the recorded form. */
  settle(delivery: Delivery): void;
}

/** What differs between a call and its record, for people; undefined when they agree. */
export function differenceOf(call: Call, record: RecordedCall): string | undefined {
  if (call.kind !== record.kind)
    return `"${call.path}" is recorded as ${record.kind}, the code calls it as ${call.kind}`;
  if (call.check === record.check) return undefined;
  const what =
    call.kind === 'workflow'
      ? `workflow ${record.check ?? '(none)'}, the code starts ${call.check ?? '(none)'}`
      : 'another input than the code passes now';
  return `"${call.path}" is recorded with ${what}`;
}
