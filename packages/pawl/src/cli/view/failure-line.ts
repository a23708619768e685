/** A recorded failure as one line: its code and its message. */
import type { StepView } from '../../engine/index.ts';
import { decodePayload, type Payload } from '../../std/index.ts';
import { oneLine } from './plain-text.ts';

type Failure = NonNullable<StepView['failure']>;

export function failureLine(failure: Pick<Failure, 'code' | 'message'>): string {
  return oneLine(`${failure.code}: ${failure.message}`);
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
