/** A recorded failure as one line, its code and its message; and with what it came of, a line each. */
import type { StepView } from '../../engine/index.ts';
import { decodePayload, type Payload } from '../../std/index.ts';
import { oneLine } from './plain-text.ts';

type Failure = NonNullable<StepView['failure']>;

export function failureLine(failure: Pick<Failure, 'code' | 'message'>): string {
  return oneLine(`${failure.code}: ${failure.message}`);
}

/** The failure of a run often says only what became of the failure of a step. */
export function failureLines(failure: Failure): string[] {
  const causes: Failure[] = [];
  for (let cause = failure.cause; cause !== undefined; cause = cause.cause) causes.push(cause);
  return [failureLine(failure), ...causes.map((cause) => `because of ${failureLine(cause)}`)];
}

/** The failure in a payload; undefined where there is none. */
export function failureIn(payload: Payload | undefined): Failure | undefined {
  if (payload === undefined || payload === '') return undefined;
  const value: unknown = decodePayload(payload);
  return isFailure(value) ? value : undefined;
}

function isFailure(value: unknown): value is Failure {
  const candidate = value as Partial<Failure> | null;
  return (
    typeof candidate === 'object' &&
    candidate !== null &&
    typeof candidate.code === 'string' &&
    typeof candidate.message === 'string'
  );
}
