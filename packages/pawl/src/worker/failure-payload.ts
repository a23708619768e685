/** The recorded form of a failure: it always fits, and hides what is secret. */
import { byteLength, type Payload, payloadOf } from '../std/index.ts';
import type { Failure } from '../step/index.ts';
import type { Secrets } from './secrets.ts';

interface Journaling {
  readonly secrets: Secrets;
  readonly payloadBytes: number;
}

/** A failure past the limit loses its data and causes, then the rest of its message: that it failed is never lost. */
export function failurePayload(failure: Failure, { secrets, payloadBytes }: Journaling): Payload {
  const whole = secrets.mask(payloadOf(failure as never));
  if (whole.length * 3 <= payloadBytes || byteLength(whole) <= payloadBytes) return whole;
  const { data: _data, cause: _cause, ...short } = failure;
  const room = Math.max(16, Math.floor(payloadBytes / 6) - 200); // an escaped character takes six bytes
  const message = short.message.length > room ? `${short.message.slice(0, room)}…` : short.message;
  return secrets.mask(payloadOf({ ...short, message: message.toWellFormed() }));
}
